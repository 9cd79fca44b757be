import type * as tf from '@tensorflow/tfjs-core';

/** Tokens of P rows, whoever made them. */
export interface Sequence {
  /** (P, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (P, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** (P) ascending positions in the batch of these rows. */
  readonly rows: Int32Array;
}

/**
 * A {@link Sequence} on its way through an encoder, with what the encoder keeps of it: where it ends, its grid, which tokens see
 * which, how positions turn them, keys and values of those before. Whoever works between the layers carries the state along
 * unread, as `withTokens` does. An encoder that keeps nothing leaves it out.
 */
export type Tokens<State = unknown> = Sequence &
  (undefined extends State ? { readonly state?: State } : { readonly state: State });

/** What a finished encoder gives of the P rows that have its modality. */
export interface EncodedTokens extends Sequence {
  /** (P, E) with E = `pooledSize`. */
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
