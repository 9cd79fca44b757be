import * as tf from '@tensorflow/tfjs-core';

/** Gradients after clipping, and their common norm before it. */
export interface ClippedGradients {
  readonly gradients: readonly tf.Tensor[];
  readonly norm: tf.Scalar;
}

/**
 * Scales gradients so that their common L2 norm is at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_` does:
 * times min(1, maxNorm / (norm + 1e-6)). Without a bound they stay as they are. Nothing is read from the backend.
 */
export function clipGradientNorm(gradients: readonly tf.Tensor[], maxNorm: number | undefined): ClippedGradients {
  if (gradients.length === 0) return { gradients, norm: tf.scalar(0) };
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.length === 1 ? squares[0] : tf.sum(tf.stack(squares))) as tf.Scalar;
  if (maxNorm === undefined) return { gradients, norm };
  const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
  return { gradients: gradients.map((gradient) => tf.mul(gradient, factor)), norm };
}
