import {
  bucketLength,
  type Context,
  commonLengths,
  type EncodedTokens,
  Encoder,
  type EncoderDefinition,
  type Encoders,
  type FeatureShape,
  type Fused,
  Fusion,
  Head,
  type HeadInput,
  type HostScalar,
  type HostTensor,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  initialize,
  type Lengths,
  type LossTerms,
  lengthMask,
  type Metrics,
  type ModalityBatch,
  Model,
  Parameter,
  type ProcessContext,
  type Processor,
  padAndStack,
  RandomKey,
  type Requirements,
  SampleError,
  severalOf,
  sharedOf,
  type TargetBatch,
  type Tokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/**
 * A model of the simplest parts that honour the contracts: sequences of numbers, encoded by a linear map, averaged,
 * and classified. For the trainer's own tests.
 */
export function tinyModel(options: TinyModelOptions = {}): Model {
  const { modalities = ['a', 'b', 'c'], heads = { digit: new ClassHead() }, hiddenSize = 4, seed = 1 } = options;
  const processor = new SequenceProcessor(options.noise ?? 0, options.padded ?? true);
  const one: EncoderDefinition = {
    name: 'tiny',
    modality: 'numbers',
    processor: { config: z.object({}), create: () => processor as Processor },
    config: z.object({}),
    create: () => new LinearEncoder(hiddenSize, options.noise ?? 0),
  };
  const several = severalOf(one, { most: 8, ordered: true });
  const shared = sharedOf(one);
  const slots = modalities.map((slot) => {
    const definition = options.several?.includes(slot) ? several : options.shared?.includes(slot) ? shared : one;
    const own = definition.processor.create({}, { slot, savedFile: () => undefined });
    return { slot, processor: own, encoder: definition.create({}, { slot, hiddenSize, processor: own }) };
  });
  const model = new Model({
    config: {
      hiddenSize,
      encoders: Object.fromEntries(modalities.map((name) => [name, { use: 'tiny' }])),
      fusion: { use: 'mean' },
      heads: Object.fromEntries(Object.keys(heads).map((name) => [name, { use: name }])),
    },
    processors: Object.fromEntries(slots.map(({ slot, processor }) => [slot, processor])),
    encoders: Object.fromEntries(slots.map(({ slot, encoder }) => [slot, encoder])),
    fusion: new MeanFusion(hiddenSize),
    heads,
    slotModalities: Object.fromEntries(modalities.map((name) => [name, 'numbers'])),
    headInputs: Object.fromEntries(Object.keys(heads).map((name) => [name, options.inputs?.[name] ?? 'fused'])),
    targets: Object.fromEntries(
      Object.entries(heads).map(([name, { target, classes }]) => [
        name,
        { name: target, processor: new ClassProcessor(classes) },
      ]),
    ),
  });
  initialize(model, RandomKey.from(seed));
  return model;
}

export interface TinyModelOptions {
  readonly modalities?: readonly string[];
  readonly heads?: Readonly<Record<string, ClassHead>>;
  /** What feeds a head that is not fed by the fusion. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly hiddenSize?: number;
  readonly seed?: number;
  /** Standard deviation of what processor and encoder, each with its own randomness, add in training. */
  readonly noise?: number;
  /** Whether values of several lengths share batches, or each length must have its own, as pictures of several sizes. Default true. */
  readonly padded?: boolean;
  /** Modalities of which a sample may have several values. */
  readonly several?: readonly string[];
  /** Modalities of which equal values in a batch are encoded once. */
  readonly shared?: readonly string[];
}

const normal = (std: number) => (shape: readonly number[], key: RandomKey) =>
  key.normal(shape.reduce((a, b) => a * b, 1)).map((value) => value * std);
const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1));

type SequenceRow = { readonly values: HostTensor1D };
type SequenceFeatures = { readonly values: HostTensor2D; readonly mask: HostTensor2D };

/** Raw values are arrays of numbers of any length; buckets of four. */
export class SequenceProcessor implements Processor<readonly number[], SequenceRow, SequenceFeatures> {
  readonly masks = { mask: ['values'] };

  readonly #noise: number;
  readonly #padded: boolean;

  constructor(noise: number, padded: boolean) {
    this.#noise = noise;
    this.#padded = padded;
  }

  read(raw: readonly number[]): readonly number[] {
    return raw;
  }

  process(raw: readonly number[], { training, key }: ProcessContext): SequenceRow {
    if (!Array.isArray(raw)) {
      throw new SampleError({ expected: 'an array of numbers', received: typeof raw });
    }
    const added = training && key && this.#noise > 0 ? key.normal(raw.length) : new Float32Array(raw.length);
    const data = Float32Array.from(raw, (value, i) => value + this.#noise * added[i]);
    return { values: hostTensor(data, [raw.length]) };
  }

  collate(rows: readonly SequenceRow[], lengths?: Lengths): SequenceFeatures {
    const values = rows.map((row) => row.values);
    const { numbers = values[0].shape[0] } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const mask = lengthMask(
      values.map(({ shape }) => shape[0]),
      numbers,
    );
    return { values: padAndStack(values, [numbers]), mask };
  }

  shape({ values }: SequenceRow): FeatureShape {
    const [length] = values.shape;
    return this.#padded ? { lengths: { numbers: bucketLength(length, 4) } } : { fixed: [length] };
  }
}

/** Each number becomes a token: value · weight + bias. */
export class LinearEncoder extends Encoder {
  readonly depth = 0;
  readonly weight: Parameter<tf.Rank.R2>;
  readonly bias: Parameter<tf.Rank.R1>;

  readonly #noise: number;

  constructor(
    readonly hiddenSize: number,
    noise: number,
  ) {
    super();
    this.#noise = noise;
    this.weight = new Parameter([1, hiddenSize], normal(1));
    this.bias = new Parameter([hiddenSize], zeros);
  }

  embed({ rows, features }: ModalityBatch<SequenceFeatures>, context: Context): Tokens {
    const { values, mask } = features; // (P, N)
    let tokens = tf.add(tf.mul(tf.expandDims(values, 2), this.weight.value), this.bias.value) as tf.Tensor3D;
    if (context.training && this.#noise > 0) {
      const added = context.drawFor<tf.Rank.R3>(this, tokens.shape, (key) => key.normal(tokens.size));
      tokens = tf.add(tokens, tf.mul(added, this.#noise));
    }
    return { tokens, mask, rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    const weights = tf.expandDims(tf.div(tokens.mask, tf.sum(tokens.mask, 1, true)), 2); // (P, N, 1)
    return { ...tokens, pooled: tf.sum(tf.mul(tokens.tokens, weights), 1) as tf.Tensor2D };
  }
}

/** The mean of the modalities that a row has. One token a modality. */
export class MeanFusion extends Fusion {
  readonly scale = new Parameter([], (shape) => zeros(shape).fill(1));

  constructor(readonly hiddenSize: number) {
    super();
  }

  forward(
    encoders: Encoders,
    batch: { size: number; modalities: Readonly<Record<string, ModalityBatch>> },
    context: Context,
  ): Fused {
    const present = Object.entries(batch.modalities);
    const encoded = Object.fromEntries(present.map(([name, own]) => [name, encoders[name].encode(own, context)]));
    const placed = Object.values(encoded).map(({ pooled, rows }) => {
      const place = new Float32Array(batch.size * rows.length); // (B, P)
      rows.forEach((row, i) => {
        place[row * rows.length + i] = 1;
      });
      const matrix = tf.tensor2d(place, [batch.size, rows.length]);
      return { tokens: tf.matMul(matrix, pooled), mask: tf.sum(matrix, 1) };
    });
    const tokens = tf.stack(
      placed.map((one) => one.tokens),
      1,
    ) as tf.Tensor3D; // (B, M, D)
    const mask = tf.stack(
      placed.map((one) => one.mask),
      1,
    ) as tf.Tensor2D; // (B, M)
    const mean = tf.div(tf.sum(tokens, 1), tf.sum(mask, 1, true));
    return { tokens, mask, pooled: tf.mul(mean, this.scale.value) as tf.Tensor2D };
  }
}

type ClassRow = { readonly index: HostScalar };
type ClassFeatures = { readonly index: HostTensor1D };

/** Reads the index of a class. */
export class ClassProcessor implements Processor<unknown, ClassRow, ClassFeatures> {
  readonly #classes: number;

  constructor(classes: number) {
    this.#classes = classes;
  }

  process(raw: unknown): ClassRow {
    if (Number.isInteger(raw) && (raw as number) < this.#classes) {
      return { index: hostTensor(Int32Array.of(raw as number), []) };
    }
    throw new SampleError({ expected: 'a class', received: String(raw) });
  }

  collate(rows: readonly ClassRow[]): ClassFeatures {
    return { index: padAndStack(rows.map(({ index }) => index)) };
  }

  shape() {
    return {};
  }
}

/** Softmax regression on the pooled representation, plus what its parent's logits are; the target is a class index under `target`. */
export class ClassHead extends Head<tf.Tensor2D, number> {
  readonly weight: Parameter<tf.Rank.R2>;
  readonly bias: Parameter<tf.Rank.R1>;

  constructor(
    readonly classes = 3,
    hiddenSize = 4,
    readonly target = 'digit',
    readonly requires: Requirements = {},
  ) {
    super();
    this.weight = new Parameter([classes, hiddenSize], normal(0.5));
    this.bias = new Parameter([classes], zeros);
  }

  forward({ fused, parent }: HeadInput): tf.Tensor2D {
    const logits = tf.add<tf.Tensor2D>(tf.matMul(fused.pooled, this.weight.value, false, true), this.bias.value);
    return parent ? tf.add(logits, parent as tf.Tensor2D) : logits;
  }

  loss(target: TargetBatch<ClassFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    const { rows, features } = target;
    const sum = (logits: tf.Tensor2D) => {
      const oneHot = tf.oneHot(features.index, this.classes);
      const isWhole = rows.length === logits.shape[0]; // else a backend needs the gradient of a gather
      const known = isWhole ? logits : tf.gather(logits, tf.tensor1d(rows, 'int32'));
      return tf.neg(tf.sum(tf.mul(tf.logSoftmax(known), oneHot))) as tf.Scalar;
    };
    return { crossEntropy: { count: rows.length, sum } };
  }

  scores(logits: tf.Tensor2D): tf.NamedTensorMap {
    return { classes: tf.argMax(logits, 1) };
  }

  answers({ classes }: Readonly<Record<string, HostTensor>>): number[] {
    return [...classes.data];
  }

  override evaluate(predictions: readonly number[], targets: readonly (ClassRow | undefined)[]): Metrics {
    const rows = predictions.flatMap((prediction, row) => {
      const actual = targets[row]?.index.data[0];
      return actual === undefined ? [] : [prediction === actual];
    });
    return rows.length === 0 ? {} : { accuracy: rows.filter(Boolean).length / rows.length };
  }
}

/** Samples whose class shows in every modality they have, with noise and random lengths. */
export function tinySamples(count: number, seed = 3, missing = 0, modalities: readonly string[] = ['a', 'b', 'c']) {
  return Array.from({ length: count }, (_, index) => {
    const key = RandomKey.from(seed).fold(index);
    const digit = index % 3;
    const present = modalities.filter(
      (_, i) => i === index % modalities.length || key.fold(i).uniform(1)[0] >= missing,
    );
    const values = present.map((name) => {
      const own = key.fold(name);
      const length = own.integer(2, 10);
      return [name, [...own.fold('values').normal(length)].map((value) => digit - 1 + 0.3 * value)] as const;
    });
    return { ...Object.fromEntries(values), targets: { digit } };
  });
}
