import {
  defineProcessor,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  isRecord,
  type LearningProcessor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import { labelIndex, labelOptions, namesOf } from './class-target';
import { listedWeights } from './class-weights';
import { readLearned, requireLearned, writeLearned } from './learned-file';

const learnedFile = 'labels.json';

/** What is known of a row's labels: (K) of 0 and 1, and where `known` is 0 nothing is. */
export type LabelsRow = { readonly labels: HostTensor1D; readonly known: HostTensor1D };

/** Those of P rows: (P, K). */
export type LabelsFeatures = { readonly labels: HostTensor2D; readonly known: HostTensor2D };

/**
 * The labels that a row has: a list of them, by name or index, and it has no others; or by name whether it has each, and of those that
 * are left out, or `null`, nothing is known.
 */
export type RawLabels = readonly (string | number)[] | Readonly<Record<string, boolean | 0 | 1 | null | undefined>>;

/** Reads which of several labels a row has. */
export class MultiLabelProcessor implements Processor<RawLabels, LabelsRow, LabelsFeatures> {
  readonly masks = { known: ['labels'] };
  readonly #indices: ReadonlyMap<string, number>;
  readonly #positiveWeights: readonly number[] | undefined;

  /** @param positiveWeights how much a row that has the label counts, beside 1 of one that has not */
  constructor(
    readonly labels: readonly string[],
    positiveWeights?: readonly number[],
  ) {
    this.#positiveWeights = positiveWeights;
    this.#indices = new Map(labels.map((label, index) => [label, index]));
  }

  /** How much rows that have each label count; `undefined` where they count as others. */
  get positiveWeights(): readonly number[] | undefined {
    return this.#positiveWeights;
  }

  /** @throws SampleError for an unknown label, and for what is neither a list nor a record */
  process(raw: RawLabels): LabelsRow {
    const isList = Array.isArray(raw);
    if (!isList && !isPlainRecord(raw)) {
      const expected = 'a list of labels, or an object that says of labels whether the row has them';
      throw new SampleError({ expected, received: describeValue(raw) });
    }
    const size = this.labels.length;
    const labels = new Uint8Array(size);
    const known = new Uint8Array(size).fill(isList ? 1 : 0);
    if (isList) for (const label of raw) labels[labelIndex(label, this.labels, this.#indices)] = 1;
    else {
      for (const [label, value] of Object.entries(raw)) {
        const index = labelIndex(label, this.labels, this.#indices);
        if (value === null || value === undefined) continue;
        labels[index] = this.#flag(label, value);
        known[index] = 1;
      }
    }
    return { labels: hostTensor(labels, [size], 'float32'), known: hostTensor(known, [size], 'float32') };
  }

  #flag(label: string, value: unknown): 0 | 1 {
    if (value === true || value === 1) return 1;
    if (value === false || value === 0) return 0;
    throw new SampleError({ expected: `true, false or null of the label "${label}"`, received: describeValue(value) });
  }

  collate(rows: readonly LabelsRow[]): LabelsFeatures {
    return {
      labels: padAndStack(rows.map(({ labels }) => labels)),
      known: padAndStack(rows.map(({ known }) => known)),
    };
  }

  shape() {
    return {};
  }
}

const learned = z.array(z.strictObject({ positive: z.int().nonnegative(), negative: z.int().nonnegative() }));

/** Reads labels, and counts in the training data how many rows have each, so that those that have it count as much as those that have not. */
export class BalancedMultiLabelProcessor
  extends MultiLabelProcessor
  implements LearningProcessor<RawLabels, LabelsRow, LabelsFeatures>
{
  #counts: z.output<typeof learned> | undefined;

  get fitted(): boolean {
    return this.#counts !== undefined;
  }

  /** How many rows lack the label for each that has it, as PyTorch advises for `pos_weight`; 1 where none has it, or all. */
  override get positiveWeights(): readonly number[] {
    return this.#requireCounts().map(({ positive, negative }) =>
      positive === 0 || negative === 0 ? 1 : negative / positive,
    );
  }

  async fit(values: AsyncIterable<RawLabels>): Promise<void> {
    const counts = this.labels.map(() => ({ positive: 0, negative: 0 }));
    for await (const raw of values) {
      const { labels, known } = super.process(raw);
      counts.forEach((own, index) => {
        if (known.data[index] === 1) own[labels.data[index] === 1 ? 'positive' : 'negative']++;
      });
    }
    this.#counts = counts;
  }

  override process(raw: RawLabels): LabelsRow {
    this.#requireCounts();
    return super.process(raw);
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    this.#counts = readLearned(savedFile, learnedFile, learned.length(this.labels.length));
  }

  files(): Record<string, Uint8Array> {
    return writeLearned(learnedFile, this.#counts);
  }

  #requireCounts() {
    return requireLearned(this.#counts, 'how often each label occurs in the training data');
  }
}

/** The target of the head `multi-label`. */
export const multiLabelTarget = defineProcessor({
  config: z.object({
    ...labelOptions,
    /**
     * How much rows that have a label count beside those that have not: by label, 1 for those that are not named; or `balanced`, so that
     * both count alike in the training data.
     */
    positiveWeights: z
      .union([z.literal('balanced'), z.record(z.string(), z.number().positive()).readonly()])
      .optional(),
  }),
  create: ({ labels, positiveWeights }, { savedFile }): MultiLabelProcessor => {
    const names = namesOf(labels);
    if (positiveWeights !== 'balanced') {
      return new MultiLabelProcessor(
        names,
        positiveWeights && listedWeights(positiveWeights, names, 'positiveWeights'),
      );
    }
    const processor = new BalancedMultiLabelProcessor(names);
    processor.restore(savedFile);
    return processor;
  },
});

/** Not an array of numbers, a date or the like. */
function isPlainRecord(raw: unknown): boolean {
  return isRecord(raw) && [Object.prototype, null].includes(Object.getPrototypeOf(raw));
}
