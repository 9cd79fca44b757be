import type * as tf from '@tensorflow/tfjs-core';
import type { ModalityBatch } from './batch';
import type { Context } from './context';
import { Module } from './module';
import type { EncodedTokens, Tokens } from './tokens';

/**
 * Turns the features of one modality into tokens, layer by layer.
 *
 * The three steps are separate so that a fusion can stop after {@link embed} (early fusion), work between the layers
 * (mid fusion) or take the finished tokens (late fusion). {@link layer} accepts any sequence of its width, not only
 * its own modality's tokens.
 *
 * ```ts
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
 *   embed({ features, rows }: ModalityBatch): Tokens {
 *     const mask = features.mask as tf.Tensor2D; // (P, N)
 *     const readings = zeroPadding(features.readings as tf.Tensor3D, mask); // (P, N, C)
 *     return { tokens: this.linear.forward(readings) as tf.Tensor3D, mask, rows };
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
export abstract class Encoder extends Module {
  /** Width D of the tokens. */
  abstract readonly hiddenSize: number;
  /** How many layers there are. */
  abstract readonly depth: number;

  /** Width of the vector of a whole, `pooled`, which may be another than that of the tokens. */
  get pooledSize(): number {
    return this.hiddenSize;
  }

  /**
   * Features to tokens: patches, subwords, frames. Padding is cleaned here, before anything is computed with it:
   * whatever stands there (NaN too) reaches neither outputs nor gradients.
   */
  abstract embed(batch: ModalityBatch, context: Context): Tokens;

  /** One layer (or stage) on a sequence of tokens. */
  abstract layer(index: number, tokens: Tokens, context: Context): Tokens;

  /** Final norm and pooling. */
  abstract finish(tokens: Tokens, context: Context): EncodedTokens;

  /** The three in a row. */
  encode(batch: ModalityBatch, context: Context): EncodedTokens {
    let tokens = this.embed(batch, context);
    for (let index = 0; index < this.depth; index++) tokens = this.layer(index, tokens, context);
    return this.finish(tokens, context);
  }
}

/** Replaces the token tensor and keeps the rest. */
export function withTokens(tokens: Tokens, replacement: tf.Tensor3D): Tokens {
  return { ...tokens, tokens: replacement };
}
