import * as tf from '@tensorflow/tfjs-core';
import type { ModalityBatch } from '../batch';
import type { Context } from '../context';
import { Encoder } from '../encoder';
import { Parameter } from '../parameter';
import { SharedEncoder } from '../shared/shared-encoder';
import type { EncodedTokens, Sequence, Tokens } from '../tokens';
import type { SeveralOptions } from './several-options';
import { valueMask } from './several-processor';

/** What the layers are to know: of the values, and their own encoder's state of each. */
interface SeveralState {
  /** (P · V, …), as the encoder of one value gave them. */
  readonly each: Tokens;
  /** (P, V), 1 = is a value. */
  readonly values: tf.Tensor2D;
}

/**
 * Encodes several values a row, in their order, each by itself with the encoder of one: it is given P · V rows, those of a sample one
 * after the other. To all others a row's values are one sequence: their tokens side by side (P, V · N, D), at every layer,
 * and `pooled` is the mean over the values that there are.
 *
 * It has no `adopt`: a fusion that splices values of such a slot into another sequence takes them as {@link encode} gives them, V · N
 * tokens a row, those of value v from v · N on; and no slot of several is what others are spliced into.
 *
 * Where the order matters, a learned vector for each place is added to the tokens before the first layer. It is 0 at first, so that one
 * value is encoded to the bit as the encoder of one does it.
 */
export class SeveralEncoder extends Encoder<SeveralState> {
  /** (`most`, 1, D), where the order matters. */
  readonly order: Parameter<tf.Rank.R3> | undefined;

  /** @param each encodes one value */
  constructor(
    readonly each: Encoder,
    { most, ordered }: SeveralOptions,
  ) {
    super();
    if (ordered)
      this.order = new Parameter([most, 1, each.widthAt(0)], (shape) => new Float32Array(shape[0] * shape[2]));
  }

  get hiddenSize(): number {
    return this.each.hiddenSize;
  }

  get depth(): number {
    return this.each.depth;
  }

  override get pooledSize(): number {
    return this.each.pooledSize;
  }

  override widthAt(index: number): number {
    return this.each.widthAt(index);
  }

  override layerOf(path: string): number {
    return path.startsWith('each.') ? this.each.layerOf(path.slice('each.'.length)) : 0;
  }

  embed({ features, rows }: ModalityBatch, context: Context): Tokens<SeveralState> {
    const { [valueMask]: mask, ...own } = features;
    const values = mask as tf.Tensor2D; // (P, V)
    const count = values.shape[1];
    const each = this.each.embed(
      {
        rows: Int32Array.from({ length: rows.length * count }, (_, index) => rows[Math.floor(index / count)]),
        features: Object.fromEntries(Object.entries(own).map(([name, feature]) => [name, ofValues(feature, values)])),
      },
      context,
    );
    const tokens = this.order ? placed(each.tokens, this.order.value, values) : each.tokens;
    return joined({ ...each, tokens }, values, rows);
  }

  layer(index: number, { tokens, rows, state }: Tokens<SeveralState>, context: Context): Tokens<SeveralState> {
    return joined(this.each.layer(index, apart(tokens, state), context), state.values, rows);
  }

  finish({ tokens, rows, state }: Tokens<SeveralState>, context: Context): EncodedTokens {
    const { values } = state;
    const each = this.each.finish(apart(tokens, state), context);
    const [size, count] = values.shape;
    const vectors = tf.reshape<tf.Rank.R3>(each.pooled, [size, count, this.pooledSize]); // (P, V, E)
    const sum = tf.sum<tf.Tensor2D>(tf.mul(vectors, tf.expandDims(values, 2)), 1);
    const pooled = tf.div<tf.Tensor2D>(sum, tf.sum(values, 1, true));
    return { ...sideBySide(each, values, rows), pooled };
  }
}

/** The encoder of one value, of a slot with `several` or `shared` too. */
export function encoderOfOne(encoder: Encoder): Encoder {
  return encoder instanceof SeveralEncoder || encoder instanceof SharedEncoder ? encoder.each : encoder;
}

/**
 * (P, V, …) → (P · V, …), with the first value of a row in place of those that it lacks: the encoder of one is given nothing that is
 * none, and what stood there reaches nothing.
 */
function ofValues(feature: tf.Tensor, values: tf.Tensor2D): tf.Tensor {
  const [size, count, ...rest] = feature.shape;
  const there = tf.reshape(tf.cast(values, 'bool'), [size, count, ...rest.map(() => 1)]);
  const first = tf.slice(feature, [0, 0, ...rest.map(() => 0)], [size, 1, ...rest]);
  const standIns = tf.add(first, tf.zeros(feature.shape, feature.dtype)); // broadcast
  return tf.reshape(tf.where(there, feature, standIns), [size * count, ...rest]);
}

/** Tokens (P · V, N, D) with the vector of each value's place. */
function placed(tokens: tf.Tensor3D, order: tf.Tensor3D, values: tf.Tensor2D): tf.Tensor3D {
  const [all, length, width] = tokens.shape;
  const [size, count] = values.shape;
  // Computed from the values, so that one graph holds of any count: it is recorded with more than there are places for, and fails there.
  const places = tf.gather(order, tf.cast(tf.cumsum(values, 1, true), 'int32')); // (P, V, 1, D)
  const byRow = tf.reshape<tf.Rank.R4>(tokens, [size, count, length, width]);
  return tf.reshape<tf.Rank.R3>(tf.add(byRow, places), [all, length, width]);
}

function joined(each: Tokens, values: tf.Tensor2D, rows: Int32Array): Tokens<SeveralState> {
  return { ...sideBySide(each, values, rows), state: { each, values } };
}

/** (P · V, N, D) → (P, V · N, D), with a mask of 0 where there is no value. */
function sideBySide({ tokens, mask }: Sequence, values: tf.Tensor2D, rows: Int32Array): Sequence {
  const [size, count] = values.shape;
  const [, length, width] = tokens.shape;
  const own = tf.mul(tf.reshape(mask, [size, count, length]), tf.expandDims(values, 2));
  return {
    tokens: tf.reshape<tf.Rank.R3>(tokens, [size, count * length, width]),
    mask: tf.reshape<tf.Rank.R2>(own, [size, count * length]),
    rows,
  };
}

/** The opposite, for the encoder of one. */
function apart(tokens: tf.Tensor3D, { each, values }: SeveralState): Tokens {
  const [size, count] = values.shape;
  const [, length, width] = tokens.shape;
  return { ...each, tokens: tf.reshape<tf.Rank.R3>(tokens, [size * count, length / count, width]) };
}
