import * as tf from '@tensorflow/tfjs';
import { resamplingWeights } from '../resampling-weights';

/** [rows, columns] of a grid of patches. */
export type Grid = readonly [rows: number, columns: number];

/** `bicubic` is that of PyTorch's `interpolate`; `antialiased` the same with `antialias=True`, which is Pillow's. */
export type PositionInterpolation = 'bicubic' | 'antialiased';

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
  const weightsAlong = interpolation === 'bicubic' ? bicubicWeights : antialiasedWeights;
  const [down, across] = [weightsAlong(from[0], to[0]), weightsAlong(from[1], to[1])];
  const size = positions.shape[1];
  const rows = tf.matMul(down, tf.reshape<tf.Rank.R2>(positions, [from[0], from[1] * size])); // (to[0], from[1] · D)
  const byColumn = tf.transpose(tf.reshape<tf.Rank.R3>(rows, [to[0], from[1], size]), [1, 0, 2]);
  const columns = tf.matMul(across, tf.reshape<tf.Rank.R2>(byColumn, [from[1], to[0] * size])); // (to[1], to[0] · D)
  const byRow = tf.transpose(tf.reshape<tf.Rank.R3>(columns, [to[1], to[0], size]), [1, 0, 2]);
  return tf.reshape(byRow, [to[0] * to[1], size]);
}

/** (wanted, available) weights; a = −3/4 (Keys 1981), and beyond the border what lies at it. */
function bicubicWeights(available: number, wanted: number): tf.Tensor2D {
  const weights = new Float32Array(wanted * available);
  for (let target = 0; target < wanted; target++) {
    const centre = ((target + 0.5) * available) / wanted - 0.5;
    const first = Math.floor(centre) - 1;
    for (let tap = first; tap < first + 4; tap++) {
      const source = Math.min(Math.max(tap, 0), available - 1);
      weights[target * available + source] += cubic(Math.abs(centre - tap));
    }
  }
  return tf.tensor2d(weights, [wanted, available]);
}

const a = -0.75;

function cubic(x: number): number {
  return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * a;
}

function antialiasedWeights(available: number, wanted: number): tf.Tensor2D {
  const matrix = new Float32Array(wanted * available);
  resamplingWeights(0, available, available, wanted, 'bicubic').forEach(({ start, weights }, target) => {
    matrix.set(weights, target * available + start);
  });
  return tf.tensor2d(matrix, [wanted, available]);
}
