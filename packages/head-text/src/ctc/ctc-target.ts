import {
  bucketLength,
  commonLengths,
  defineTarget,
  type Features,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type Lengths,
  lengthMask,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import { CtcVocabulary, vocabularyOption } from './ctc-vocabulary';

/** The labels of a text: (L). */
export type CtcRow = { readonly ids: HostTensor1D };

/** Those of P texts. */
export type CtcFeatures = {
  /** (P, L) */
  readonly ids: HostTensor2D;
  /** (P, L), 1 = takes part. */
  readonly mask: HostTensor2D;
};

/** Makes `ids` (L) of a text, in its own vocabulary. An empty text is one: that nothing is said. */
export class CtcTarget implements Processor<string, CtcRow, CtcFeatures> {
  readonly masks = { mask: ['ids'] };

  constructor(
    readonly vocabulary: CtcVocabulary,
    readonly config: { readonly maxLength: number; readonly bucketSize: number },
  ) {}

  /** @throws SampleError for what is no string, for what the vocabulary lacks, and for more than `maxLength` labels */
  process(raw: string): CtcRow {
    const ids = this.vocabulary.encode(raw);
    const { maxLength } = this.config;
    if (ids.length > maxLength) {
      throw new SampleError({
        expected: `a text of at most ${maxLength} labels`,
        received: `one of ${ids.length}`,
        hint: 'Cut the recording into parts with texts of their own, or raise maxLength of the head.',
      });
    }
    return { ids: hostTensor(ids, [ids.length]) };
  }

  collate(rows: readonly CtcRow[], lengths?: Lengths): CtcFeatures {
    const { labels } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const counts = rows.map(({ ids }) => ids.shape[0]);
    return {
      ids: padAndStack(
        rows.map(({ ids }) => ids),
        [labels],
      ) as HostTensor2D,
      mask: lengthMask(counts, labels),
    };
  }

  shape({ ids }: CtcRow) {
    return { lengths: { labels: bucketLength(Math.max(1, ids.shape[0]), this.config.bucketSize) } };
  }
}

/** How many frames it takes to write the labels of a text: one each, and a blank between two that are equal. */
export function framesFor({ ids }: Features): number {
  return Array.from(ids.data).reduce((count, id, place, all) => count + (id === all[place - 1] ? 2 : 1), 0);
}

/** The target of the head `ctc`. */
export const ctcTarget = defineTarget({
  config: z.object({
    /**
     * What is written: a string of the letters that there are, a space among them where there are several words; a list of words; or
     * tokens in the order of their ids, with which of them is the blank.
     */
    vocabulary: vocabularyOption,
    /** Most labels of a text. */
    maxLength: z.int().min(1).max(65_536).default(2048),
    /** Labels of a batch are padded to a multiple of this. */
    bucketSize: z.int().min(1).default(8),
  }),
  create: ({ vocabulary, ...config }) => new CtcTarget(new CtcVocabulary(vocabulary), config),
});
