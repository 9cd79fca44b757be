import { bicubicWeights, type Grid } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { fractionalPositions } from './fractional-positions';
import { resamplingWeights } from './resampling-weights';

/**
 * `bicubic` is that of PyTorch's `interpolate`; `antialiased` the same with `antialias=True`, which is Pillow's; `nearest` gives each
 * patch the position in whose part of the picture it begins, as `fractionalPositions` says.
 */
export type PositionInterpolation = 'bicubic' | 'antialiased' | 'nearest';

/**
 * Embeddings of the positions in one grid for the positions in another (HF `interpolate_pos_encoding`).
 *
 * @param positions (rows · columns, D), row by row
 * @returns (to[0] · to[1], D)
 */
export function interpolatePositions(
  positions: tf.Tensor2D,
  from: Grid,
  to: Grid,
  interpolation: PositionInterpolation,
): tf.Tensor2D {
  if (from[0] === to[0] && from[1] === to[1]) return positions;
  if (interpolation === 'nearest') {
    const whole = tf.ones<tf.Rank.R3>([1, ...to]);
    return tf.squeeze<tf.Tensor2D>(fractionalPositions(positions, from, whole), [0]);
  }
  const weightsAlong = interpolation === 'bicubic' ? bicubicWeights : antialiasedWeights;
  const [down, across] = [weightsAlong(from[0], to[0]), weightsAlong(from[1], to[1])];
  const size = positions.shape[1];
  const rows = tf.matMul(down, tf.reshape<tf.Rank.R2>(positions, [from[0], from[1] * size])); // (to[0], from[1] · D)
  const byColumn = tf.transpose(tf.reshape<tf.Rank.R3>(rows, [to[0], from[1], size]), [1, 0, 2]);
  const columns = tf.matMul(across, tf.reshape<tf.Rank.R2>(byColumn, [from[1], to[0] * size])); // (to[1], to[0] · D)
  const byRow = tf.transpose(tf.reshape<tf.Rank.R3>(columns, [to[1], to[0], size]), [1, 0, 2]);
  return tf.reshape(byRow, [to[0] * to[1], size]);
}

function antialiasedWeights(available: number, wanted: number): tf.Tensor2D {
  const matrix = new Float32Array(wanted * available);
  resamplingWeights(0, available, available, wanted, 'bicubic').forEach(({ start, weights }, target) => {
    matrix.set(weights, target * available + start);
  });
  return tf.tensor2d(matrix, [wanted, available]);
}
