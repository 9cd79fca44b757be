import * as tf from '@tensorflow/tfjs-core';
import { fusedGelu } from './fused-gelu';
import { type WithGradient, withGradient } from './with-gradient';

const scale = 1.702;

/**
 * The sigmoid form of GELU that CLIP uses (Hendrycks and Gimpel 2016, section 2): y = x s with u = 1.702 x and s = σ(u).
 * Its gradient:
 *
 *     dx = dy ∘ s ∘ (1 + u (1 − s))
 */
export function quickGelu<T extends tf.Tensor>(x: T): T {
  return withGradient([x], () => fusedGelu(x, 'quick') ?? plainQuickGelu(x));
}

function plainQuickGelu<T extends tf.Tensor>(x: T): WithGradient<[T], tf.Tensor[], T> {
  const u = tf.mul<T>(x, scale);
  const s = tf.sigmoid(u);
  return {
    value: tf.mul<T>(x, s),
    saved: [u, s],
    gradients: (dy, u, s) => [tf.mul(dy, tf.mul(s, tf.add(1, tf.mul(u, tf.sub(1, s)))))],
  };
}
