import { ConfigError, type Context, Module, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkHeads } from './check-heads';
import { checkRate } from './check-rate';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { attentionWeights } from './functional/attention-weights';
import { cachedAttention } from './functional/cached-attention';
import { type Rotation, rotateHeads } from './functional/rotate-heads';
import { scaledDotProductAttention } from './functional/scaled-dot-product-attention';
import { keepMask } from './keep-mask';
import { type KeyValueCache, writeSlots } from './key-value-cache';
import { Linear } from './linear';

/** Config of {@link MultiHeadAttention}. */
export interface MultiHeadAttentionConfig {
  /** Width D of the queries and of the result. */
  readonly hiddenSize: number;
  /** H; a divisor of hiddenSize, unless headDim is given. */
  readonly numAttentionHeads: number;
  /** How many heads the keys and values have, a divisor of H; each serves as many heads of the queries. H by default. */
  readonly numKeyValueHeads?: number;
  /** d, the width of a head; hiddenSize / H by default. */
  readonly headDim?: number;
  /** Width Dkv of what is attended to; hiddenSize by default. */
  readonly keyValueSize?: number;
  /** Rate of dropout on the attention weights; 0 by default. */
  readonly attentionDropout?: number;
  /** What logits are multiplied by; 1 / √d by default. */
  readonly attentionScale?: number;
  /** Whether the four projections have a bias (default), or each of them. */
  readonly bias?: boolean | ProjectionBiases;
}

/** Which projections of an attention have a bias: those that are not named have. */
export interface ProjectionBiases {
  readonly query?: boolean;
  readonly key?: boolean;
  readonly value?: boolean;
  readonly output?: boolean;
}

/** What {@link MultiHeadAttention.decode} is told of N new tokens. */
export interface DecodingPlaces {
  /** Where their keys and values go, as `slotPlaces` counts: int32 (B · Hkv · N, 3). */
  readonly places: tf.Tensor2D;
  /** Which slots each of them sees, itself among them: 0, and {@link EXCLUDED_LOGIT} for others, (B, 1, N, C). */
  readonly bias: tf.Tensor4D;
  /** By which queries and keys turn, where positions are rotary. */
  readonly rotation?: Rotation;
}

/** What {@link MultiHeadAttention.extend} is told of N new tokens behind M others. */
export interface ExtendingPlaces {
  /** (B, N) of the new ones, 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** Which of all tokens each of the new ones sees: 0, and {@link EXCLUDED_LOGIT} for others, (B, 1, N, M + N). */
  readonly bias: tf.Tensor4D;
  /** By which queries and keys turn, where positions are rotary. */
  readonly rotation?: Rotation | undefined;
}

/**
 * Scaled dot-product attention in several heads (Vaswani et al. 2017, section 3.2), self or cross; with fewer heads of keys
 * and values than of queries, grouped-query attention (Ainslie et al. 2023).
 *
 * Keys outside the mask get a weight of exactly 0, and no gradient flows to them. What stands there must be finite: 0
 * times NaN is NaN, so clean the features with {@link zeroPadding} before they are embedded.
 *
 * A query with nothing to attend to attends to the value 0: its result is the output projection of 0, which is
 * that projection's bias.
 *
 * ```ts
 * const attention = new MultiHeadAttention({ hiddenSize: 64, numAttentionHeads: 4 });
 * initialize(attention, RandomKey.from(0));
 * const tokens = tf.ones<tf.Rank.R3>([2, 10, 64]);
 * attention.forward(tokens, tokens, tf.ones([2, 10]), inferenceContext()); // each of ten tokens looks at all of them
 * ```
 */
export class MultiHeadAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly keyValueSize: number;
  readonly attentionScale: number;
  readonly attentionDropout: number;

  constructor(config: MultiHeadAttentionConfig) {
    super();
    const { hiddenSize, numAttentionHeads, keyValueSize = hiddenSize, attentionDropout = 0, bias = true } = config;
    if (config.headDim === undefined) checkHeads(hiddenSize, numAttentionHeads);
    const { numKeyValueHeads = numAttentionHeads, headDim = hiddenSize / numAttentionHeads } = config;
    checkGroups(numAttentionHeads, numKeyValueHeads);
    this.hiddenSize = hiddenSize;
    this.numAttentionHeads = numAttentionHeads;
    this.numKeyValueHeads = numKeyValueHeads;
    this.headDim = checkSize('headDim', headDim);
    this.keyValueSize = checkSize('keyValueSize', keyValueSize);
    this.attentionScale = config.attentionScale ?? headDim ** -0.5;
    this.attentionDropout = checkRate('attentionDropout', attentionDropout);
    const biasOf = (projection: keyof ProjectionBiases) =>
      typeof bias === 'boolean' ? { bias } : { bias: bias[projection] ?? true };
    this.query = new Linear(hiddenSize, numAttentionHeads * headDim, biasOf('query'));
    this.key = new Linear(keyValueSize, numKeyValueHeads * headDim, biasOf('key'));
    this.value = new Linear(keyValueSize, numKeyValueHeads * headDim, biasOf('value'));
    this.output = new Linear(numAttentionHeads * headDim, hiddenSize, biasOf('output'));
  }

  /**
   * @param query    (B, Nq, D)
   * @param keyValue (B, Nk, Dkv)
   * @param mask     (B, Nk), 1 = takes part
   * @param attentionBias added to the logits, broadcastable to (B, H, Nq, Nk) and finite; {@link EXCLUDED_LOGIT} excludes
   * @param rotation by which queries and keys turn, in self-attention with rotary positions
   * @param keyPositions added to keyValue where keys are made of it, not values (Carion et al. 2020): broadcastable to (B, Nk, Dkv)
   * @returns (B, Nq, D)
   * @throws ShapeError
   */
  forward(
    query: tf.Tensor3D,
    keyValue: tf.Tensor3D,
    mask: tf.Tensor2D,
    context: Context,
    attentionBias?: tf.Tensor,
    rotation?: Rotation,
    keyPositions?: tf.Tensor,
  ): tf.Tensor3D {
    checkShape('MultiHeadAttention query', query, ['B', 'Nq', this.hiddenSize]);
    const [batch, queries] = query.shape;
    checkShape('MultiHeadAttention keyValue', keyValue, [batch, 'Nk', this.keyValueSize]);
    const keys = keyValue.shape[1];
    checkShape(
      'MultiHeadAttention mask',
      mask,
      [batch, keys],
      'The mask belongs to keyValue: one number for each key.',
    );
    if (attentionBias) checkBias(attentionBias, [batch, this.numAttentionHeads, queries, keys]);

    const { key, value } = this.#project(keyValue, mask, rotation, keyPositions);
    return this.#attend(this.#turned(query, rotation), key, value, combineBias(mask, attentionBias), context);
  }

  /**
   * Self-attention of new tokens to themselves and to those before them, whose keys and values are kept, and theirs behind them: what
   * {@link forward} gives of the tokens at the end of a sequence, with gradients to all of it.
   *
   * @param tokens (B, N, D)
   * @param before of the tokens before, if there are any
   * @returns (B, N, D), and keys and values of all
   */
  extend(
    tokens: tf.Tensor3D,
    before: KeyValueCache | undefined,
    { mask, bias, rotation }: ExtendingPlaces,
    context: Context,
  ): { readonly attended: tf.Tensor3D; readonly cache: KeyValueCache } {
    const own = this.#project(tokens, mask, rotation);
    const [key, value] = [this.#heads(own.key), this.#heads(own.value)];
    const cache = before
      ? { keys: tf.concat([before.keys, key], 2), values: tf.concat([before.values, value], 2) }
      : { keys: key, values: value };
    const [keys, values] = before ? [merged(cache.keys), merged(cache.values)] : [own.key, own.value];
    return { attended: this.#attend(this.#turned(tokens, rotation), keys, values, bias, context), cache };
  }

  /**
   * How much each query attends to each key, by head, without dropout: what {@link forward} multiplies the values by. A query with
   * nothing to attend to has zeros. For looking at; attention itself is computed without them where the backend can.
   *
   * @param query    (B, Nq, D)
   * @param keyValue (B, Nk, Dkv)
   * @param mask     (B, Nk), 1 = takes part
   * @param attentionBias as in {@link forward}
   * @returns        (B, H, Nq, Nk)
   */
  weights(query: tf.Tensor3D, keyValue: tf.Tensor3D, mask: tf.Tensor2D, attentionBias?: tf.Tensor): tf.Tensor4D {
    const attendable = tf.mul<tf.Tensor3D>(keyValue, tf.expandDims(mask, 2));
    const queries = this.#scaled(this.query.forward(query));
    const keys = this.#repeated(this.key.forward(attendable));
    return attentionWeights(queries, keys, combineBias(mask, attentionBias), this.numAttentionHeads);
  }

  /**
   * Self-attention of new tokens to themselves and to those before them, whose keys and values are kept. For inference: nothing
   * is dropped, and there is no gradient.
   *
   * @param tokens (B, N, D)
   * @param cache  of the tokens before
   * @returns (B, N, D), and the cache with the new tokens
   */
  decode(
    tokens: tf.Tensor3D,
    cache: KeyValueCache,
    { places, bias, rotation }: DecodingPlaces,
  ): { readonly attended: tf.Tensor3D; readonly cache: KeyValueCache } {
    const turn = (x: tf.Tensor3D) => (rotation ? rotateHeads(x, rotation) : x);
    const query = tf.mul<tf.Tensor4D>(this.#heads(turn(this.query.forward(tokens))), this.attentionScale);
    const key = this.#heads(turn(this.key.forward(tokens)));
    const value = this.#heads(this.value.forward(tokens));
    const written = {
      keys: writeSlots(cache.keys, places, key),
      values: writeSlots(cache.values, places, value),
    };
    return { attended: this.output.forward(cachedAttention(query, written, bias)), cache: written };
  }

  /**
   * The keys and values of tokens that are attended to again and again: those of a picture, while a text about it is decoded.
   *
   * @param keyValue (B, Nk, Dkv)
   * @param mask     (B, Nk), 1 = takes part
   */
  keysAndValues(keyValue: tf.Tensor3D, mask: tf.Tensor2D): KeyValueCache {
    const [batch, length] = mask.shape;
    const attendable = tf.mul<tf.Tensor3D>(keyValue, tf.reshape(mask, [batch, length, 1]));
    return {
      keys: this.#heads(this.key.forward(attendable)),
      values: this.#heads(this.value.forward(attendable)),
    };
  }

  /**
   * What {@link forward} gives of a query and the tokens of {@link keysAndValues}. For inference: nothing is dropped, and there is no
   * gradient.
   *
   * @param query (B, Nq, D)
   * @param mask  (B, Nk), that of the keys
   * @returns     (B, Nq, D)
   */
  attendTo(query: tf.Tensor3D, kept: KeyValueCache, mask: tf.Tensor2D): tf.Tensor3D {
    const [batch, keys] = mask.shape;
    const scaled = tf.mul<tf.Tensor4D>(this.#heads(this.query.forward(query)), this.attentionScale);
    const bias = tf.reshape<tf.Rank.R4>(combineBias(mask, undefined), [batch, 1, 1, keys]);
    const present = tf.reshape(tf.max(mask, 1), [batch, 1, 1]); // a query with nothing to attend to attends to the value 0
    return this.output.forward(tf.mul(cachedAttention(scaled, kept, bias), present));
  }

  /** (B, Nq, D) → (B, Nq, H · d) */
  #turned(query: tf.Tensor3D, rotation: Rotation | undefined): tf.Tensor3D {
    const projected = this.query.forward(query);
    return rotation ? rotateHeads(projected, rotation) : projected;
  }

  /** (B, Nk, Dkv) → twice (B, Nk, Hkv · d) */
  #project(keyValue: tf.Tensor3D, mask: tf.Tensor2D, rotation: Rotation | undefined, positions?: tf.Tensor) {
    const attendable = tf.mul<tf.Tensor3D>(keyValue, tf.expandDims(mask, 2)); // or a huge key would outweigh its bias
    const key = this.key.forward(positions ? tf.add<tf.Tensor3D>(attendable, positions) : attendable);
    return { key: rotation ? rotateHeads(key, rotation) : key, value: this.value.forward(attendable) };
  }

  /** (B, Nq, H · d) and twice (B, Nk, Hkv · d) → (B, Nq, D) */
  #attend(query: tf.Tensor3D, key: tf.Tensor3D, value: tf.Tensor3D, bias: tf.Tensor, context: Context): tf.Tensor3D {
    const { numAttentionHeads } = this;
    const logits: [number, number, number, number] = [query.shape[0], numAttentionHeads, query.shape[1], key.shape[1]];
    const attended = scaledDotProductAttention(
      this.#scaled(query),
      this.#repeated(key),
      this.#repeated(value),
      bias,
      numAttentionHeads,
      keepMask<tf.Rank.R4>(logits, this.attentionDropout, context, this),
    );
    return this.output.forward(attended);
  }

  /** (B, N, H · d) → (B, H, N, d), of as many heads as there are. */
  #heads(x: tf.Tensor3D): tf.Tensor4D {
    const [batch, length, width] = x.shape;
    const heads = width / this.headDim;
    if (length === 1) return tf.reshape(x, [batch, heads, 1, this.headDim]);
    return tf.transpose(tf.reshape(x, [batch, length, heads, this.headDim]), [0, 2, 1, 3]);
  }

  /** Queries that make up for the 1 / √d that every attention has. */
  #scaled(query: tf.Tensor3D): tf.Tensor3D {
    const factor = this.attentionScale * Math.sqrt(this.headDim);
    return Math.abs(factor - 1) < 1e-12 ? query : tf.mul(query, factor);
  }

  /** (B, Nk, Hkv · d) → (B, Nk, H · d), each head as often as it serves queries. Broadcast, so that its gradient is one sum. */
  #repeated(x: tf.Tensor3D): tf.Tensor3D {
    const group = this.numAttentionHeads / this.numKeyValueHeads;
    if (group === 1) return x;
    const [batch, length] = x.shape;
    const heads = tf.reshape(x, [batch * length, this.numKeyValueHeads, 1, this.headDim]);
    return tf.reshape(tf.add(heads, tf.zeros([1, 1, group, 1])), [
      batch,
      length,
      this.numAttentionHeads * this.headDim,
    ]);
  }
}

/** (B, H, N, d) → (B, N, H · d) */
function merged(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

function checkGroups(numAttentionHeads: number, numKeyValueHeads: number): void {
  checkSize('numKeyValueHeads', numKeyValueHeads);
  if (numAttentionHeads % numKeyValueHeads === 0) return;
  throw new ConfigError({
    where: 'numKeyValueHeads',
    expected: `a divisor of numAttentionHeads ${numAttentionHeads}`,
    received: String(numKeyValueHeads),
  });
}

/** 0 for keys in the mask and {@link EXCLUDED_LOGIT} for others, plus the given bias: broadcastable to (B, H, Nq, Nk). */
function combineBias(mask: tf.Tensor2D, attentionBias: tf.Tensor | undefined): tf.Tensor {
  const [batch, keys] = mask.shape;
  const maskBias = tf.reshape(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [batch, 1, 1, keys]);
  return attentionBias ? tf.add(maskBias, attentionBias) : maskBias;
}

function checkBias(bias: tf.Tensor, logits: readonly number[]): void {
  const offset = logits.length - bias.rank;
  if (offset >= 0 && bias.shape.every((length, axis) => length === 1 || length === logits[offset + axis])) return;
  throw new ShapeError({
    where: 'MultiHeadAttention attentionBias',
    expected: `a shape that broadcasts to [B, H, Nq, Nk] = [${logits.join(', ')}]`,
    received: `[${bias.shape.join(', ')}]`,
  });
}
