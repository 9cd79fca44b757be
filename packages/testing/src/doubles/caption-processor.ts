import {
  bucketLength,
  commonLengths,
  defineProcessor,
  describeValue,
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

/** Ids below those of the bytes; 0 stands in padding. */
export const captionIds = { end: 1, start: 2, firstByte: 3 } as const;
/** How many different tokens there are. */
export const captionVocabulary = captionIds.firstByte + 256;

type CaptionRow = { readonly ids: HostTensor1D };

/** The tokens of P texts, and which of them take part: (P, L). */
export type CaptionFeatures = { readonly ids: HostTensor2D; readonly mask: HostTensor2D };

/** Reads a text as a start token, its UTF-8 bytes and an end token, of any length. */
class CaptionProcessor implements Processor<unknown, CaptionRow, CaptionFeatures> {
  readonly masks = { mask: ['ids'] };

  constructor(readonly bucketSize: number) {}

  process(raw: unknown): CaptionRow {
    if (typeof raw !== 'string') throw new SampleError({ expected: 'a text', received: describeValue(raw) });
    const bytes = Array.from(new TextEncoder().encode(raw), (byte) => byte + captionIds.firstByte);
    return { ids: hostTensor(Int32Array.of(captionIds.start, ...bytes, captionIds.end), [bytes.length + 2]) };
  }

  collate(rows: readonly CaptionRow[], lengths?: Lengths): CaptionFeatures {
    const ids = rows.map((row) => row.ids);
    const { tokens } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const mask = lengthMask(
      ids.map(({ shape }) => shape[0]),
      tokens,
    );
    return { ids: padAndStack(ids, [tokens]), mask };
  }

  shape({ ids }: CaptionRow) {
    return { lengths: { tokens: bucketLength(ids.shape[0], this.bucketSize) } };
  }
}

/** The target of heads that write. */
export const captionTarget = defineProcessor({
  config: z.object({ bucketSize: z.int().positive().default(8) }),
  create: ({ bucketSize }) => new CaptionProcessor(bucketSize),
});

/** The text that ids stand for, up to the end token. */
export function captionText(ids: ArrayLike<number>): string {
  const tokens = Array.from(ids);
  const end = tokens.indexOf(captionIds.end);
  const bytes = tokens.slice(0, end < 0 ? tokens.length : end).filter((id) => id >= captionIds.firstByte);
  return new TextDecoder().decode(Uint8Array.from(bytes, (id) => id - captionIds.firstByte));
}
