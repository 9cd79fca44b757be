import type * as tf from '@tensorflow/tfjs-core';

/** What an encoder makes of the P rows that have its modality. */
export interface Tokens {
  /** (P, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (P, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** (P, N), where the order of tokens differs from their index. */
  readonly positions?: tf.Tensor2D;
  /** (P, E) with E = `pooledSize`, set by {@link Encoder.finish}. */
  readonly pooled?: tf.Tensor2D;
  /** (P) ascending positions in the batch of these rows. */
  readonly rows: Int32Array;
}

/** {@link Tokens} of a finished encoder. */
export interface EncodedTokens extends Tokens {
  readonly pooled: tf.Tensor2D;
}

/** What a fusion makes of a batch of B rows. */
export interface Fused {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** (B, D) */
  readonly pooled: tf.Tensor2D;
  /** Where the tokens of each modality lie on the second axis: [start, end). */
  readonly spans: Readonly<Record<string, readonly [start: number, end: number]>>;
  /** What each encoder made of the rows that have its modality, untouched by the others. */
  readonly encoded: Readonly<Record<string, EncodedTokens>>;
}
