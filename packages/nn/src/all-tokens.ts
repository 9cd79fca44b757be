import type { Sequence } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** A {@link Sequence} whose tokens all take part, as those of pictures do. @param tokens (P, N, D) */
export function allTokens(tokens: tf.Tensor3D, rows: Int32Array): Sequence {
  return { tokens, mask: tf.ones([tokens.shape[0], tokens.shape[1]]), rows };
}
