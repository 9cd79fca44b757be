import type * as tf from '@tensorflow/tfjs-core';

/** How tokens of a fusion attend to those of one slot at one place: what {@link Context.tellAttention} is told. */
export interface AttendedTokens {
  /** What attends: its path from the fusion on, `layers.0` say. */
  readonly place: string;
  /** The slot whose tokens attend; undefined for those of the fusion itself: a class token, latents, bottlenecks. */
  readonly query: string | undefined;
  /** The slot whose tokens are attended to. */
  readonly slot: string;
  /**
   * (B, Q, N): which share each of Q querying tokens gives to each of the slot's N tokens, the mean over heads. 0 for tokens that take no
   * part; what a query has left to 1 goes to other slots, or to what came from none.
   */
  readonly weights: tf.Tensor3D;
}
