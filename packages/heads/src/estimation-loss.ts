import * as tf from '@tensorflow/tfjs-core';

/** By what an estimate is held against the truth; see `estimationLoss`. */
export const estimationLosses = ['mse', 'mae', 'huber'] as const;

/** `mse`, `mae` or `huber`. */
export type EstimationLoss = (typeof estimationLosses)[number];

/**
 * How far estimates lie from the truth, summed over the rows: e², |e|, or Huber's (1964) ½ e² up to δ and δ (|e| − ½ δ) beyond (PyTorch's
 * `mse_loss`, `l1_loss` and `huber_loss`).
 *
 * @param estimates (P)
 * @param truth     (P)
 */
export function estimationLoss(
  estimates: tf.Tensor1D,
  truth: tf.Tensor1D,
  loss: EstimationLoss,
  delta: number,
): tf.Scalar {
  const error = tf.sub(estimates, truth);
  if (loss === 'mse') return tf.sum(tf.square(error));
  const distance = tf.abs(error);
  if (loss === 'mae') return tf.sum(distance);
  const near = tf.minimum(distance, delta);
  return tf.sum(tf.add(tf.mul(tf.square(near), 0.5), tf.mul(tf.sub(distance, near), delta)));
}

/**
 * How far estimated quantiles lie from the truth, the mean over the levels q, summed over the rows: max(q e, (q − 1) e) with e the truth less
 * the estimate (Koenker and Bassett 1978; scikit-learn's `mean_pinball_loss`).
 *
 * @param estimates (P, Q)
 * @param truth     (P)
 * @param levels    Q numbers in (0, 1)
 */
export function quantileLoss(estimates: tf.Tensor2D, truth: tf.Tensor1D, levels: readonly number[]): tf.Scalar {
  const error = tf.sub(tf.expandDims(truth, 1), estimates); // (P, Q)
  const q = tf.tensor1d([...levels]);
  return tf.div(tf.sum(tf.maximum(tf.mul(error, q), tf.mul(error, tf.sub(q, 1)))), levels.length);
}
