import {
  defineProcessor,
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

const options = z.object({
  /** The classes in order, or how many there are: then their labels are '0', '1', … */
  labels: z.union([z.int().min(2).max(1_000_000), z.array(z.string()).min(2).superRefine(requireDistinct).readonly()]),
});

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

  /** @param labels the classes, in order */
  constructor(readonly labels: readonly string[]) {
    this.#indices = new Map(labels.map((label, index) => [label, index]));
  }

  /** @throws SampleError for an unknown label, or an index out of range */
  process(raw: string | number): ClassRow {
    const index = typeof raw === 'string' ? this.#indices.get(raw) : raw;
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= this.labels.length) {
      throw new SampleError({
        expected: `one of ${this.labels.length} labels, or an index from 0 to ${this.labels.length - 1}`,
        received: describeValue(raw),
        ...(typeof raw === 'string' && { hint: suggestNames(raw, this.labels) }),
      });
    }
    return { index: hostTensor(Int32Array.of(index as number), []) };
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

/** The target of heads that choose one of several classes. */
export const classTarget = defineProcessor({
  config: options,
  create: ({ labels }) =>
    new ClassProcessor(
      typeof labels === 'number' ? Array.from({ length: labels }, (_, index) => String(index)) : labels,
    ),
});
