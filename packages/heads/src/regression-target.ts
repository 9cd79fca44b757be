import {
  defineProcessor,
  describeValue,
  type HostScalar,
  type HostTensor1D,
  hostTensor,
  type LearningProcessor,
  MeanAndDeviation,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { readLearned, requireLearned, writeLearned } from './learned-file';

const learnedFile = 'scale.json';
const scale = z.strictObject({ mean: z.number(), deviation: z.number().positive() });

/** Where the numbers of the training data lie, and how far apart. */
export type TargetScale = z.output<typeof scale>;

/** A number, as many deviations from the mean. */
export type NumberRow = { readonly number: HostScalar };

/** Those of P rows: (P). */
export type NumberFeatures = { readonly number: HostTensor1D };

/** As CSV files write it. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a number that is to be estimated, and learns of the training data how to scale it to mean 0 and variance 1. */
export class RegressionTarget implements LearningProcessor<number | string, NumberRow, NumberFeatures> {
  readonly #scaling: 'standard' | 'none';
  #learned: TargetScale | undefined;

  constructor(scaling: 'standard' | 'none') {
    this.#scaling = scaling;
  }

  get fitted(): boolean {
    return this.#learned !== undefined;
  }

  /** @throws NotFittedError before it has learned */
  get scale(): TargetScale {
    return requireLearned(this.#learned, 'where the numbers of the training data lie');
  }

  async fit(values: AsyncIterable<number | string>): Promise<void> {
    const numbers = new MeanAndDeviation();
    for await (const raw of values) numbers.add(readNumber(raw));
    const isScaled = this.#scaling === 'standard' && numbers.count > 0;
    this.#learned = isScaled ? { mean: numbers.mean, deviation: numbers.deviation } : { mean: 0, deviation: 1 };
  }

  process(raw: number | string): NumberRow {
    const { mean, deviation } = this.scale;
    const number = Float32Array.of((readNumber(raw) - mean) / deviation);
    if (Number.isFinite(number[0])) return { number: hostTensor(number, []) };
    throw new SampleError({
      expected: 'a number at most 3.4e38 deviations from the mean of the training data',
      received: describeValue(raw),
    });
  }

  /** The number that was read. */
  numberOf({ number }: NumberRow): number {
    return this.unscaled(number.data[0]);
  }

  /** A number of deviations from the mean as what it is of. */
  unscaled(value: number): number {
    const { mean, deviation } = this.scale;
    return mean + deviation * value;
  }

  /** The same of a tensor, for who takes what a head computes elsewhere: in float32, of fewer digits where the mean is large. */
  inUnit<T extends tf.Tensor>(estimates: T): T {
    const { mean, deviation } = this.scale;
    return tf.add(tf.mul(estimates, deviation), mean);
  }

  collate(rows: readonly NumberRow[]): NumberFeatures {
    return { number: padAndStack(rows.map(({ number }) => number)) };
  }

  shape() {
    return {};
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    this.#learned = readLearned(savedFile, learnedFile, scale);
  }

  files(): Record<string, Uint8Array> {
    return writeLearned(learnedFile, this.#learned);
  }
}

/** The target of heads that estimate a number. */
export const regressionTarget = defineProcessor({
  config: z.object({
    /** Whether numbers are learned as deviations from the mean of the training data, which suits any unit, or as they are. */
    scale: z.enum(['standard', 'none']).default('standard'),
  }),
  create: ({ scale: scaling }, { savedFile }) => {
    const target = new RegressionTarget(scaling);
    target.restore(savedFile);
    return target;
  },
});

function readNumber(raw: unknown): number {
  const number = typeof raw === 'string' && decimal.test(raw.trim()) ? Number(raw) : raw;
  if (typeof number === 'number' && Number.isFinite(Math.fround(number))) return number;
  throw new SampleError({
    expected: 'a number up to 3.4e38, as float32 holds it, or one in digits',
    received: describeValue(raw),
    ...(Number.isFinite(number) && { hint: 'Estimate its logarithm, or take a larger unit.' }),
  });
}
