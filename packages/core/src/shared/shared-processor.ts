import type { FeatureShape, Lengths } from '../feature-shape';
import type { Features, HostTensor2D } from '../features';
import { collateFeatures } from '../part/run-processor';
import type { FeatureMasks, LengthAxes, ProcessContext, Processor } from '../processor';
import type { TokenCodec } from '../token-codec';
import { distinctRows } from './distinct-rows';

/** The feature that says which of the batch's U different values a row has: (P, U), 1 = this one. */
export const distinctValues = 'distinctValues';

/** In so many sizes at most, of a batch of one size, comes the number of different values: a compiling backend makes a program for each. */
const mostSizes = 8;

/**
 * Reads values as the processor that it is given does, and says of the rows of a batch which have equal features, so that these are
 * encoded once. The number of different values, U, is rounded up to an eighth of the rows.
 */
export class SharedProcessor implements Processor {
  /** Where that of each does. */
  readonly read?: NonNullable<Processor['read']>;

  /** The same. */
  readonly locateTokens?: NonNullable<Processor['locateTokens']>;

  /** The same. */
  readonly locatePixels?: NonNullable<Processor['locatePixels']>;

  /** @param each reads a value */
  constructor(readonly each: Processor) {
    if (each.read) this.read = (raw, context) => each.read!(raw, context);
    if (each.locateTokens) this.locateTokens = () => each.locateTokens!();
    if (each.locatePixels) this.locatePixels = () => each.locatePixels!();
  }

  isAbsent(raw: unknown): boolean {
    return this.each.isAbsent?.(raw) ?? false;
  }

  process(raw: unknown, context: ProcessContext): Features | Promise<Features> {
    return this.each.process(raw, context);
  }

  collate(rows: readonly Features[], lengths?: Lengths): Features {
    return { ...collateFeatures(this.each, rows, lengths), [distinctValues]: oneHot(distinctRows(rows)) };
  }

  shape(features: Features): FeatureShape {
    return this.each.shape(features);
  }

  get lengthAxes(): LengthAxes {
    return { ...this.each.lengthAxes, [distinctValues]: { 1: 'distinct' } };
  }

  get masks(): FeatureMasks {
    return this.each.masks ?? {};
  }

  get codec(): TokenCodec | undefined {
    return this.each.codec;
  }

  unfamiliar(raw: unknown): readonly string[] {
    return this.each.unfamiliar?.(raw) ?? [];
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.each.describe?.() ?? {};
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.each.files?.() ?? {};
  }
}

/** (P) numbers of values → (P, U) */
function oneHot(numbers: Int32Array): HostTensor2D {
  const rows = numbers.length;
  const step = Math.ceil(rows / mostSizes);
  const needed = Math.max(2, ...numbers.map((number) => number + 1)); // 1 would be taken for what is the same of all rows
  const width = Math.min(rows, step * Math.ceil(needed / step));
  const data = new Uint8Array(rows * width);
  numbers.forEach((number, row) => {
    data[row * width + number] = 1;
  });
  return { data, shape: [rows, width] };
}
