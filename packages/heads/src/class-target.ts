import {
  describeValue,
  type HostScalar,
  type HostTensor1D,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
  suggestNames,
} from '@polymodal/core';
import { z } from 'zod';

/** The option `labels`, to spread into the schema of a target. */
export const labelOptions = {
  /** The classes in order, or how many there are: then their labels are '0', '1', … */
  labels: z.union([z.int().min(2).max(1_000_000), z.array(z.string()).min(2).superRefine(requireDistinct).readonly()]),
};

/** The labels that the option means. */
export function namesOf(labels: number | readonly string[]): readonly string[] {
  return typeof labels === 'number' ? Array.from({ length: labels }, (_, index) => String(index)) : labels;
}

function requireDistinct(labels: readonly string[], context: z.RefinementCtx): void {
  const seen = new Map<string, number>();
  for (const [index, label] of labels.entries()) {
    const first = seen.get(label);
    if (first !== undefined) {
      const message = `labels that differ from one another (this one is that of class ${first} too)`;
      context.addIssue({ code: 'custom', path: [index], message });
      return;
    }
    seen.set(label, index);
  }
}

/** The index of a class. */
export type ClassRow = { readonly index: HostScalar };

/** Those of P rows: (P). */
export type ClassFeatures = { readonly index: HostTensor1D };

/** Reads a class: a label, or the index of one. */
export class ClassProcessor implements Processor<string | number, ClassRow, ClassFeatures> {
  readonly #indices: ReadonlyMap<string, number>;
  readonly #weights: readonly number[] | undefined;

  /**
   * @param labels  the classes, in order
   * @param weights how much a row of each counts in the loss; all alike if left out
   */
  constructor(
    readonly labels: readonly string[],
    weights?: readonly number[],
  ) {
    this.#weights = weights;
    this.#indices = new Map(labels.map((label, index) => [label, index]));
  }

  /** How much a row of each class counts in the loss; `undefined` where all count alike. */
  get weights(): readonly number[] | undefined {
    return this.#weights;
  }

  /** @throws SampleError for an unknown label, or an index out of range */
  process(raw: string | number): ClassRow {
    return { index: hostTensor(Int32Array.of(labelIndex(raw, this.labels, this.#indices)), []) };
  }

  collate(rows: readonly ClassRow[]): ClassFeatures {
    return { index: padAndStack(rows.map(({ index }) => index)) };
  }

  shape() {
    return {};
  }
}

/** The class that {@link ClassProcessor} read. */
export function classOf({ index }: ClassRow): number {
  return index.data[0];
}

/**
 * Which of some labels a value names, by itself or by its index.
 *
 * @param indices of the labels
 * @throws SampleError for neither
 */
export function labelIndex(raw: unknown, labels: readonly string[], indices: ReadonlyMap<string, number>): number {
  const index = typeof raw === 'string' ? indices.get(raw) : raw;
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < labels.length) return index as number;
  throw new SampleError({
    expected: `one of ${labels.length} labels, or an index from 0 to ${labels.length - 1}`,
    received: describeValue(raw),
    ...(typeof raw === 'string' && { hint: suggestNames(raw, labels) }),
  });
}
