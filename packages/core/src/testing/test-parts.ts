import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Batch, ModalityBatch, TargetBatch } from '../batch';
import { describeValue } from '../describe-value';
import { Encoder, withTokens } from '../encoder';
import { SampleError } from '../errors';
import { commonLengths, type Lengths } from '../feature-shape';
import {
  type HostScalar,
  type HostTensor,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  lengthMask,
  padAndStack,
} from '../features';
import { type Encoders, Fusion } from '../fusion';
import { Head, type HeadInput } from '../head';
import type { LossTerms } from '../loss';
import { Parameter } from '../parameter';
import { defineEncoder, defineFusion, defineHead, defineModality, definePlugin, defineProcessor } from '../plugin';
import type { ProcessContext, Processor } from '../processor';
import type { Requirements } from '../requirements';
import type { EncodedTokens, Fused, Tokens } from '../tokens';

/** Parts so small that their results can be written down: for the tests of this package alone. */

export type NumbersRow = { readonly values: HostTensor1D };
export type NumbersFeatures = { readonly values: HostTensor2D; readonly mask: HostTensor2D };

/** Reads an array of numbers; in training it adds a number drawn from the key to each. */
export class NumbersProcessor implements Processor<unknown, NumbersRow, NumbersFeatures> {
  readonly lengthAxes = { values: { 1: 'length' }, mask: { 1: 'length' } };
  readonly masks = { mask: ['values'] };

  constructor(
    readonly scale: number,
    readonly saved: Uint8Array | undefined,
  ) {}

  read<Raw>(raw: Raw): Raw {
    return raw;
  }

  process(raw: unknown, { training, key }: ProcessContext): NumbersRow {
    if (!Array.isArray(raw) || raw.length === 0 || !raw.every((item) => typeof item === 'number')) {
      throw new SampleError({ expected: 'an array of numbers', received: describeValue(raw) });
    }
    const offset = training && key ? key.uniform(1)[0] : 0;
    return {
      values: hostTensor(
        Float32Array.from(raw, (item: number) => item * this.scale + offset),
        [raw.length],
      ),
    };
  }

  collate(rows: readonly NumbersRow[], lengths?: Lengths): NumbersFeatures {
    const shapes = rows.map((row) => this.shape(row));
    const { length } = commonLengths(shapes, lengths);
    return {
      values: padAndStack(
        rows.map(({ values }) => values),
        [length],
      ),
      mask: lengthMask(
        shapes.map((shape) => shape.lengths.length),
        length,
      ),
    };
  }

  shape({ values }: NumbersRow) {
    return { lengths: { length: values.shape[0] } };
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return { 'scale.bin': this.saved ?? Uint8Array.of(this.scale, 0, 255) };
  }
}

/** A token a number, all D of its elements that number; pooled is the sum of the row. */
export class NumbersEncoder extends Encoder {
  readonly depth = 0;
  readonly weight: Parameter;

  constructor(readonly hiddenSize: number) {
    super();
    this.weight = new Parameter([hiddenSize], (_, key) => key.uniform(hiddenSize).map((value) => value + 1));
  }

  embed({ features, rows }: ModalityBatch<NumbersFeatures>): Tokens {
    const tokens = tf.mul<tf.Tensor3D>(tf.expandDims(features.values, 2), this.weight.value); // (P, N, D)
    return { tokens, mask: features.mask, rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return withTokens(tokens, tokens.tokens);
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.sum(tf.mul(tokens.tokens, tf.expandDims(tokens.mask, 2)), 1) as tf.Tensor2D };
  }
}

/** One token a row: the sum of what its modalities' pooled vectors are. */
class SumFusion extends Fusion {
  override readonly offers = ['encoded'] as const;

  constructor(readonly hiddenSize: number) {
    super();
  }

  forward(encoders: Encoders, batch: Batch, context: Parameters<Encoder['embed']>[1]): Fused {
    const encoded: Record<string, EncodedTokens> = {};
    let pooled = tf.zeros([batch.size, this.hiddenSize]) as tf.Tensor2D;
    for (const [modality, input] of Object.entries(batch.modalities)) {
      encoded[modality] = encoders[modality].encode(input, context);
      const present = encoded[modality].pooled; // (P, D)
      const sources = new Int32Array(batch.size).fill(input.rows.length); // the row of zeros behind the present ones
      input.rows.forEach((row, index) => {
        sources[row] = index;
      });
      const all = tf.concat([present, tf.zeros([1, this.hiddenSize])]) as tf.Tensor2D;
      const placed = tf.gather(all, tf.tensor1d(sources, 'int32'));
      pooled = tf.add(pooled, placed);
    }
    return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([batch.size, 1]), pooled, encoded };
  }
}

type NumberRow = { readonly value: HostScalar };
type NumberFeatures = { readonly value: HostTensor1D };

/** Reads a number, the target of a head. */
class NumberProcessor implements Processor<unknown, NumberRow, NumberFeatures> {
  process(raw: unknown): NumberRow {
    if (typeof raw !== 'number') throw new SampleError({ expected: 'a number', received: describeValue(raw) });
    return { value: hostTensor(Float32Array.of(raw), []) };
  }

  collate(rows: readonly NumberRow[]): NumberFeatures {
    return { value: padAndStack(rows.map(({ value }) => value)) };
  }

  shape() {
    return {};
  }
}

/** The sum over a row's pooled vector, plus what the parent said, times a factor. */
export class TotalHead extends Head<tf.Tensor1D, number> {
  constructor(
    readonly requires: Requirements,
    readonly factor: number,
  ) {
    super();
  }

  forward({ fused, parent }: HeadInput): tf.Tensor1D {
    const total = tf.mul(tf.sum(fused.pooled, 1), this.factor);
    return (parent ? tf.add(total, parent as tf.Tensor1D) : total) as tf.Tensor1D;
  }

  /** How far it lies from the target. */
  loss(target: TargetBatch<NumberFeatures> | undefined): LossTerms<tf.Tensor1D> {
    if (!target) return {};
    const { rows, features } = target;
    const sum = (totals: tf.Tensor1D) =>
      tf.sum(tf.abs(tf.sub(tf.gather(totals, tf.tensor1d(rows, 'int32')), features.value))) as tf.Scalar;
    return { distance: { count: rows.length, sum } };
  }

  scores(totals: tf.Tensor1D): tf.NamedTensorMap {
    return { totals };
  }

  answers({ totals }: Readonly<Record<string, HostTensor>>): number[] {
    return [...totals.data];
  }
}

/** Everything above, for configs to `use`. */
export const numbersPlugin = definePlugin({
  name: 'numbers',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'numbers', description: 'an array of numbers' })],
  encoders: [
    defineEncoder({
      name: 'numbers',
      modality: 'numbers',
      processor: defineProcessor({
        config: z.object({ scale: z.number().default(1) }),
        create: ({ scale }, { savedFile }) => new NumbersProcessor(scale, savedFile('scale.bin')),
      }),
      config: z.object({ numHiddenLayers: z.int().nonnegative().default(0) }),
      create: (_, { hiddenSize }) => new NumbersEncoder(hiddenSize),
    }),
  ],
  fusions: [
    defineFusion({
      name: 'sum',
      config: z.object({ gate: z.enum(['open', 'closed']).optional() }),
      create: (_, { hiddenSize }) => new SumFusion(hiddenSize),
    }),
  ],
  heads: [
    defineHead({
      name: 'total',
      target: defineProcessor({ config: z.object({}), create: () => new NumberProcessor() }),
      config: z.object({
        factor: z.number().default(1),
        all: z.array(z.string()).optional(),
        any: z.array(z.string()).optional(),
        count: z.int().optional(),
      }),
      create: ({ factor, all, any, count }) =>
        new TotalHead({ ...(all && { all }), ...(any && { any }), ...(count && { count }) }, factor),
    }),
  ],
});
