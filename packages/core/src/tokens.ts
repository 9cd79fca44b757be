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
  /** What each encoder made of the rows that have its modality, untouched by the others: of late fusion. */
  readonly encoded?: Readonly<Record<string, EncodedTokens>>;
  /** Which slot each token came from. */
  readonly owner?: TokenOwners;
  /** (B, L) for each slot that comes in through gates: how far each of L gates is open in each row, 0 where the row lacks it. */
  readonly gates?: Readonly<Record<string, tf.Tensor2D>>;
  /**
   * (B, L) for each slot: how much of it goes into each row, from 0 to 1, at each of L places: what gates let through, or attention
   * summed over its tokens. 0 where the row lacks it.
   */
  readonly usage?: Readonly<Record<string, tf.Tensor2D>>;
  /** What it takes to go on behind the tokens of each row: of a fusion whose tokens see those before them alone. */
  readonly causal?: CausalPart;
}

/**
 * What a head needs that writes on behind the fused tokens: plain records and arrays of tensors whose first axis is the rows, so that
 * rows can be chosen, and functions. `CausalSequence` of `@polymodal/generation` says what else is in it.
 */
export interface CausalPart {
  /** (B, N), int32: the id of each token, −1 for what is of no vocabulary: pictures, padding. */
  readonly ids: tf.Tensor2D;
  /** (B, N), int32: of what a document has at a place, the id that stands there in the host's own sequence; −1 for all else. */
  readonly placeholders?: tf.Tensor2D;
  /** (B, N), 1 = of an answer, where rows of the batch are conversations. */
  readonly answers?: tf.Tensor2D;
  /** (B, N), int32: which of the samples that share a row each token is of, −1 in padding; where rows are packed. */
  readonly segment?: tf.Tensor2D;
}

/**
 * Whose the tokens of fused rows are, row by row: modalities may lie side by side, or one be spliced into another at places that
 * differ from row to row.
 */
export interface TokenOwners {
  /** (B, N), int32: the index of a slot, or −1 for what came from none: class tokens, latents, stand-ins for what is absent, padding. */
  readonly map: tf.Tensor2D;
  /** The slots that the indices mean, in the order of the model's encoders. */
  readonly slots: readonly string[];
}
