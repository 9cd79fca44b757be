import { Module, Parameter, type Sequence } from '@polymodal/core';
import { Linear, placeRows, repeatRows, truncatedNormal, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What stands for an absent modality: nothing (its tokens are masked), or one learned token. */
export type Missing = 'mask' | 'embedding';

/** Sizes of {@link ModalityTokens}. */
export interface ModalityTokensConfig {
  readonly encoderSize: number;
  readonly hiddenSize: number;
  readonly missing: Missing;
}

/** Tokens of one modality for every row of a batch. */
export interface PlacedTokens {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** (B, N), 1 = came from the modality: not a stand-in for it. */
  readonly own: tf.Tensor2D;
}

/**
 * Brings one modality's tokens to the width of the fusion, marks them as that modality's with a learned embedding, and
 * puts them where their rows are in the batch.
 */
export class ModalityTokens extends Module {
  readonly projection: Linear;
  /** (1, 1, D), added to each token. */
  readonly typeEmbedding: Parameter<tf.Rank.R3>;
  /** (1, 1, D), the token of rows without the modality. */
  readonly missingEmbedding: Parameter<tf.Rank.R3> | undefined;

  constructor(config: ModalityTokensConfig) {
    super();
    const { hiddenSize } = config;
    this.projection = new Linear(config.encoderSize, hiddenSize);
    this.typeEmbedding = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    if (config.missing === 'embedding')
      this.missingEmbedding = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
  }

  /**
   * @param sequence the rows that have the modality, `undefined` where none has
   * @param size B
   * @returns `undefined` where there is nothing to take part
   */
  forward(sequence: Sequence | undefined, size: number): PlacedTokens | undefined {
    const missing = this.missingEmbedding?.value;
    if (!sequence)
      return missing && { tokens: repeatRows(missing, size), mask: tf.ones([size, 1]), own: tf.zeros([size, 1]) };
    const { tokens, mask, rows } = sequence; // (P, N, De)
    const length = tokens.shape[1];
    const clean = zeroPadding(tokens, mask);
    const marked = tf.add(this.projection.forward(clean), this.typeEmbedding.value) as tf.Tensor3D; // (P, N, D)
    const own = placeRows(mask, rows, size);
    return {
      tokens: placeRows(marked, rows, size, missing && padTokens(missing, length)),
      mask: missing ? placeRows(mask, rows, size, padMask(length)) : own,
      own,
    };
  }
}

/** (1, 1, D) → (1, N, D) */
function padTokens(token: tf.Tensor3D, length: number): tf.Tensor3D {
  return tf.pad(token, [
    [0, 0],
    [0, length - 1],
    [0, 0],
  ]);
}

/** (1, N), 1 for the first token. */
function padMask(length: number): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length }, (_, index) => (index === 0 ? 1 : 0)),
    [1, length],
  );
}
