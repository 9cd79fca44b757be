import {
  distinctValues,
  type Features,
  type HostBatch,
  type Model,
  type PreparedSample,
  type RandomKey,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { savedBytes } from '../loss-gradients';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { BatchCost } from './batch-budget';
import type { KindExamples } from './kind-examples';
import type { BatchLengths, SampleShape } from './sample-shape';

/** What a step does with a batch, as far as it decides what is kept of it. */
export interface KeptBytesOptions {
  readonly parameters: readonly OptimizedParameter[];
  readonly lossWeights: Readonly<Record<string, number>>;
  readonly rematerialize: boolean;
  readonly key: RandomKey;
}

/** As many rows as tell what any number of them takes: what grows with the rows, and, of heads that compare them, with their pairs. */
const triedRows = [2, 4, 6] as const;

/**
 * Bytes that a step keeps of a batch for going backward: its own, and those of all tensors that operations save for their gradients. They follow
 * from shapes, and from the kernels of the backend, so they are counted on a few rows of a kind, of which a backend that puts operations off
 * computes nothing. Values of a slot that encodes equal ones once are taken to be different, and every target to be there.
 *
 * With `rematerialize`, what each layer keeps counts once, since one at a time is computed again.
 */
export class KeptBytes implements BatchCost {
  readonly unit = 'bytes';
  /** By what was asked: the bytes of {@link triedRows}. */
  readonly #known = new Map<string, readonly number[]>();

  readonly #model: Model;
  readonly #examples: KindExamples;
  readonly #options: KeptBytesOptions;

  constructor(model: Model, examples: KindExamples, options: KeptBytesOptions) {
    this.#model = model;
    this.#examples = examples;
    this.#options = options;
  }

  of(rows: number, shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): number {
    const fixed = modalities.map((slot) => shape[slot]?.fixed);
    const key = JSON.stringify([modalities, fixed, Object.entries(lengths)]);
    const known = this.#known.get(key) ?? this.#tried(this.#examples.of(shape, modalities, lengths), lengths);
    this.#known.set(key, known);
    return extended(known, rows);
  }

  #tried(examples: readonly PreparedSample[], lengths: BatchLengths): number[] {
    return triedRows.map((rows) => {
      const samples = Array.from({ length: rows }, (_, row) => ({ ...examples[row % examples.length], lengths }));
      const host = allDifferent(this.#model.collate(samples));
      const drawn = this.#model.drawTargets(host, this.#options.key);
      const { rematerialize } = this.#options;
      const whole = this.#savedBytes(drawn, false);
      if (!rematerialize) return whole;
      const between = this.#savedBytes(drawn, true);
      const depth = Math.max(1, ...Object.values(this.#model.encoders).map((encoder) => encoder.depth));
      return between + (whole - between) / depth;
    });
  }

  #savedBytes(host: HostBatch, rematerialize: boolean): number {
    const { parameters, lossWeights, key } = this.#options;
    const batch = () => uploadBatch(host);
    return tf.tidy(() => savedBytes(this.#model, parameters, batch(), { key, lossWeights, rematerialize }));
  }
}

/** The polynomial of degree 2 through what was counted (Lagrange), at another number of rows. */
function extended(counted: readonly number[], rows: number): number {
  return triedRows.reduce((sum, own, place) => {
    const others = triedRows.filter((other) => other !== own);
    return sum + counted[place] * others.reduce((product, other) => (product * (rows - other)) / (own - other), 1);
  }, 0);
}

/** A batch in which no two rows of a slot are taken for equal, though a few examples stand for all. */
function allDifferent(host: HostBatch): HostBatch {
  const modalities = Object.entries(host.modalities).map(([slot, own]) => {
    if (!(distinctValues in own.features)) return [slot, own] as const;
    const rows = own.rows.length;
    const data = Uint8Array.from({ length: rows * rows }, (_, at) => Number(at % (rows + 1) === 0));
    const features: Features = { ...own.features, [distinctValues]: { data, shape: [rows, rows] } };
    return [slot, { ...own, features }] as const;
  });
  return { ...host, modalities: Object.fromEntries(modalities) };
}
