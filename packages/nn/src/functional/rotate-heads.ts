import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient';

/** Cosines and sines of the angles by which each token's pairs of values turn, each (B or 1, N, d/2). */
export interface Rotation {
  readonly cos: tf.Tensor3D;
  readonly sin: tf.Tensor3D;
}

/**
 * Rotary position embedding (Su et al. 2021, eq. 34): in each head, values j and j + d/2 are a pair that turns by an angle
 * that grows with the token's position (the layout of HF `apply_rotary_pos_emb`; the paper pairs 2j with 2j + 1).
 * The gradient turns the other way. None flows to the angles.
 *
 * @param x (B, N, H · d)
 * @returns (B, N, H · d)
 */
export function rotateHeads(x: tf.Tensor3D, { cos, sin }: Rotation): tf.Tensor3D {
  return withGradient([x], () => ({
    value: rotated(x, cos, sin),
    saved: [cos, sin],
    gradients: (dy, cos, sin) => [rotated(dy, cos, tf.neg(sin))],
  }));
}

function rotated(x: tf.Tensor3D, cos: tf.Tensor3D, sin: tf.Tensor3D): tf.Tensor3D {
  const [batch, length, width] = x.shape;
  const half = cos.shape[2];
  const heads = tf.reshape<tf.Rank.R4>(x, [batch, length, width / (2 * half), 2 * half]);
  const [first, second] = tf.split(heads, 2, 3); // (B, N, H, d/2)
  const [c, s] = [cos, sin].map((angles) => tf.expandDims(angles, 2)); // the same for all heads
  const turned = [tf.sub(tf.mul(first, c), tf.mul(second, s)), tf.add(tf.mul(second, c), tf.mul(first, s))];
  return tf.reshape(tf.concat(turned, 3), x.shape);
}
