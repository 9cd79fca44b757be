import type * as tf from '@tensorflow/tfjs-core';
import type { ModalityBatch } from './batch';
import type { Context } from './context';
import type { Features } from './features';
import { Module } from './module';
import { runLayer } from './recomputation/run-layer';
import type { EncodedTokens, Sequence, Tokens } from './tokens';

/**
 * The blocks that a value consists of, patches of a picture or frames of a sound: what a head goes by that hides some of them and learns to
 * guess these.
 */
export interface ValueBlocks {
  /** The feature that is divided, (P, A, …): zeros in it stand for nothing. */
  readonly feature: string;
  /** How long a block is along each of the axes behind P that are divided. What is less than a block at their ends belongs to none. */
  readonly size: readonly number[];
  /** The feature that says, along the first of these axes, what takes part (P, A): of values of several lengths. */
  readonly mask?: string;
  /** How many numbers a block has. */
  readonly values: number;
  /**
   * Whether {@link Encoder.embed} makes tokens of some blocks alone, as the feature `visibleBlocks` says: int32 (P, K), indices of blocks in
   * their order. Where it does not, those that are hidden are zeros in the feature.
   */
  readonly omits: boolean;
}

/**
 * Turns the features of one modality into tokens, layer by layer.
 *
 * The three steps are separate so that a fusion can stop after {@link embed} (early fusion), work between the layers
 * (mid fusion) or take the finished tokens (late fusion). `State` is the type of what the layers are to know of a sequence.
 *
 * ```ts
 * // What the processor of the modality collates to.
 * type SensorFeatures = { readings: HostTensor3D; mask: HostTensor2D };
 *
 * // Readings of a sensor as tokens: a linear map of each.
 * class Readings extends Encoder {
 *   readonly depth = 0;
 *   readonly linear: Linear;
 *
 *   constructor(
 *     channels: number,
 *     readonly hiddenSize: number,
 *   ) {
 *     super();
 *     this.linear = new Linear(channels, hiddenSize);
 *   }
 *
 *   embed({ features, rows }: ModalityBatch<SensorFeatures>): Tokens {
 *     const { mask } = features; // (P, N)
 *     const readings = zeroPadding(features.readings, mask); // (P, N, C)
 *     return { tokens: this.linear.forward(readings), mask, rows };
 *   }
 *
 *   layer(_: number, tokens: Tokens): Tokens {
 *     return tokens;
 *   }
 *
 *   finish(tokens: Tokens): EncodedTokens {
 *     return { ...tokens, pooled: maskedMean(tokens.tokens, tokens.mask) };
 *   }
 * }
 * ```
 */
export abstract class Encoder<State = unknown> extends Module {
  /** Width D of the finished tokens. */
  abstract readonly hiddenSize: number;
  /** How many layers there are. */
  abstract readonly depth: number;

  /** Whether it runs the layers of another encoder: what is computed again for gradients is then for that one to see to. */
  readonly runsAnother: boolean = false;

  /** How its values may be hidden in part; left out where they may not. */
  readonly blocks?: ValueBlocks;

  /** Seconds from one token to the next, where its values go on in time and tokens follow it: how heads that tell when something is know it. */
  readonly tokenSeconds?: number | undefined;

  /** Width of the vector of a whole, `pooled`, which may be another than that of the tokens. */
  get pooledSize(): number {
    return this.hiddenSize;
  }

  /** Width of the tokens that go into layer `index`; `widthAt(depth)` is that of those which {@link finish} is given. */
  widthAt(_index: number): number {
    return this.hiddenSize;
  }

  /**
   * How many tokens take part of a value with these features: what is known of a sequence before anything is computed. A fusion that puts
   * tokens where there are only so many positions refuses an encoder without this method. Ask with `tokenCounts`, which heeds slots of
   * several values.
   *
   * @param features of one row, before they are collated
   * @param layer    of the tokens that go into layer `layer`, as in {@link widthAt}; by default of the finished ones
   */
  tokenCount?(features: Features, layer?: number): number;

  /** The same of values of the size that the encoder was made for, where there is such: what is known while a model is composed. */
  usualTokenCount?(layer?: number): number;

  /**
   * Features to tokens: patches, subwords, frames. Padding is cleaned here, before anything is computed with it:
   * whatever stands there (NaN too) reaches neither outputs nor gradients. What the layers are to know of the sequence is made
   * here, once.
   */
  abstract embed(batch: ModalityBatch, context: Context): Tokens<State>;

  /**
   * Makes a sequence of any length that this encoder did not embed ready for its layers: a text with pictures spliced in, latents,
   * the tokens of several modalities. Its width is `widthAt(0)`. Where positions count the tokens, they are added, as to Python's
   * `inputs_embeds`. An encoder without this method takes no tokens but its own.
   */
  adopt?(sequence: Sequence, context: Context): Tokens<State>;

  /** One layer (or stage), of a sequence that {@link embed} or {@link adopt} began. */
  abstract layer(index: number, tokens: Tokens<State>, context: Context): Tokens<State>;

  /**
   * The last layer for those tokens alone that `pooled` is made of, which still look at all of them: a sequence of these, as {@link finish}
   * takes it. An encoder without this method, or where it returns undefined, needs all tokens for its vector.
   */
  lastLayerForPooled?(tokens: Tokens<State>, context: Context): Tokens<State> | undefined;

  /** Final norm and pooling. */
  abstract finish(tokens: Tokens<State>, context: Context): EncodedTokens;

  /**
   * Where a parameter is used: 0 before the first layer, 1 + i in layer i, `depth + 1` in {@link finish}. Layers may then learn at rates of
   * their own. By default a list of `depth` modules is that of the layers, `norm`, `pooler` and `head` are used in {@link finish}, and all
   * else comes before; an encoder whose properties say something else overrides this.
   *
   * @param path from the encoder on: `layers.3.attention.query.weight`
   */
  layerOf(path: string): number {
    const [name, index] = path.split('.');
    const own = (this as unknown as Readonly<Record<string, unknown>>)[name];
    if (Array.isArray(own) && own.length === this.depth) return 1 + Number(index);
    return ['norm', 'pooler', 'head'].includes(name) ? this.depth + 1 : 0;
  }

  /** The three in a row. */
  encode(batch: ModalityBatch, context: Context): EncodedTokens {
    return this.encodeStages(batch, context).encoded;
  }

  /**
   * `pooled` of {@link encode}, (P, E), for who reads no tokens: nothing of the last layer is computed that it does not need. The order of sums may
   * be another, and so the last digits.
   */
  encodePooled(batch: ModalityBatch, context: Context): tf.Tensor2D {
    if (!this.lastLayerForPooled || this.depth === 0) return this.encode(batch, context).pooled;
    let tokens = this.embed(batch, context);
    for (let index = 0; index < this.depth - 1; index++) tokens = runLayer(this, index, tokens, context);
    const last = this.lastLayerForPooled(tokens, context) ?? runLayer(this, this.depth - 1, tokens, context);
    return this.finish(last, context).pooled;
  }

  /**
   * {@link encode}, with the tokens on the way: those that are embedded and those after each layer, 1 + depth of them (`hidden_states`
   * in Python's transformers, `features_only` in timm). Their widths are those of {@link widthAt}.
   */
  encodeStages(
    batch: ModalityBatch,
    context: Context,
  ): { readonly stages: readonly Tokens<State>[]; readonly encoded: EncodedTokens } {
    const stages = [this.embed(batch, context)];
    for (let index = 0; index < this.depth; index++) stages.push(runLayer(this, index, stages[index], context));
    return { stages, encoded: this.finish(stages[this.depth], context) };
  }
}

/** Replaces the token tensor and keeps the rest, the encoder's state among it. */
export function withTokens<T extends Sequence>(tokens: T, replacement: tf.Tensor3D): T {
  return { ...tokens, tokens: replacement };
}
