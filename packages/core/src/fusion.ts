import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, ModalityBatch } from './batch';
import type { Context } from './context';
import type { Encoder } from './encoder';
import type { Features } from './features';
import type { FusedPart } from './fused-part';
import { Module } from './module';
import type { Requirements } from './requirements';
import type { Fused } from './tokens';

/** The encoders of a model by slot name, in the order of its config. */
export type Encoders = Readonly<Record<string, Encoder>>;

/** What a fusion makes of one slot by that slot's encoder alone, before others have a part in it: the same for the same features. */
export interface SlotStart {
  readonly slot: string;
  /** Whether a parameter of the encoder has a part in it. @param path from the encoder on */
  uses(path: string): boolean;
  /**
   * What it makes of P rows, each (P, …) in float32. Put among the slot's features, under these names, it is not computed again by `forward`.
   * None of features of which this cannot be said.
   */
  compute(input: ModalityBatch, context: Context): tf.NamedTensorMap;
}

/**
 * Joins the modalities of a batch into one representation a row, whichever of them the row has.
 *
 * A fusion drives the encoders, so early, mid and late fusion are one contract: early fusion calls only `embed`, mid
 * fusion interleaves `layer(i)` with cross-attention, late fusion calls `encode` and joins the results.
 *
 * ```ts
 * // The mean of the vectors of the modalities that a row has. Their widths must be those of the model.
 * class Mean extends Fusion {
 *   override readonly offers = ['encoded'] as const;
 *
 *   constructor(readonly hiddenSize: number) {
 *     super();
 *   }
 *
 *   forward(encoders: Encoders, batch: Batch, context: Context): Fused {
 *     const encoded: Record<string, EncodedTokens> = {};
 *     const sums: tf.Tensor2D[] = [];
 *     const counts: tf.Tensor2D[] = [];
 *     for (const [slot, modality] of Object.entries(batch.modalities)) {
 *       const own = encoders[slot]!.encode(modality, context);
 *       const rows = tf.tensor2d(own.rows, [own.rows.length, 1], 'int32');
 *       encoded[slot] = own;
 *       sums.push(tf.scatterND(rows, own.pooled, [batch.size, this.hiddenSize])); // zeros where a row lacks it
 *       counts.push(tf.scatterND(rows, tf.ones([own.rows.length, 1]), [batch.size, 1]));
 *     }
 *     const pooled = tf.div<tf.Tensor2D>(tf.addN(sums), tf.addN(counts)); // (B, D)
 *     return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([batch.size, 1]), pooled, encoded };
 *   }
 * }
 * ```
 */
export abstract class Fusion extends Module {
  /** Width D of the fused tokens. */
  abstract readonly hiddenSize: number;

  /** Which modalities a row must have to be fused; by default any one will do. A model is refused that lacks one of them. */
  readonly requires: Requirements = {};

  /** What it gives beyond tokens, mask and pooled vector. Heads say what they read of it; a model that does not fit is refused. */
  readonly offers: readonly FusedPart[] = [];

  /**
   * Whether there is more to its tokens than to its vector (default true). Where not, a head that looks at tokens reads the encoders' own, if
   * they are offered.
   */
  readonly makesTokens: boolean = true;

  /**
   * Of a fusion that offers `owner`: whether each token of a slot has one of its own among the fused ones (default true). Where not, as where a
   * slot has but one vector there, a head that answers about single tokens reads the encoders' own, if they are offered.
   */
  readonly keepsTokens: boolean = true;

  /**
   * Whether it reads more of a slot than its vector, `pooled` (default true). Where not, and no head reads the encoders' own tokens, those of
   * frozen encoders are not made.
   */
  readonly readsTokens: boolean = true;

  /**
   * How many tokens of a sample take part in what it makes of it, before anything is computed: of a fusion that offers `causal`, what
   * heads go by that write behind.
   *
   * @param features of the sample by slot, those that it has, before they are collated. `tokenCounts` says what an encoder makes of them
   * @throws SampleError for a sample that there are not enough positions for
   */
  tokenCount?(encoders: Encoders, features: Readonly<Record<string, Features>>): number;

  /**
   * What it makes of a slot before others have a part in it, if there is such. While the parameters of it are frozen, who trains may keep
   * it for values that come again.
   */
  start?(encoders: Encoders): SlotStart | undefined;

  /**
   * Makes sure that samples which share a row, one behind the other, are computed as each by itself: that no token of one knows of another.
   * A fusion without this cannot keep them apart, and a training that asks for packing is refused.
   *
   * @throws ConfigError saying what in the model is in the way
   */
  checkPacking?(encoders: Encoders): void;

  /**
   * Whether it takes the tokens of a slot as the encoder's `encode` gives them, and reads nothing else of its values: then they may be
   * encoded beforehand, by themselves. Default false.
   */
  encodesWhole(_slot: string): boolean {
    return false;
  }

  /**
   * Whether the rows of a slot cost it what they have tokens, however long others of their batch are. Then samples of different lengths share a batch
   * where a head answers step by step, since a step of many rows takes little longer than one of a few. Default false.
   */
  takesMixedLengths(_slot: string): boolean {
    return false;
  }

  /**
   * @param encoders all encoders of the model; only those whose modality is in the batch are run
   * @param batch B rows, each with at least one modality
   */
  abstract forward(encoders: Encoders, batch: Batch, context: Context): Fused;
}
