import * as tf from '@tensorflow/tfjs-core';
import { fusedGelu } from './fused-gelu';
import { type WithGradient, withGradient } from './with-gradient';

/**
 * y = x Φ(x), exact (Hendrycks and Gimpel 2016), where Φ(x) = (1 + erf(x / √2)) / 2. Its gradient, with u = x / √2:
 *
 *     dx = dy ∘ (Φ(x) + x φ(x)) = dy ∘ (Φ(x) + u exp(−u²) / √π)
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient([x], () => fusedGelu(x, 'none') ?? plainGelu(x));
}

function plainGelu<T extends tf.Tensor>(x: T): WithGradient<[T], tf.Tensor[], T> {
  const u = tf.mul<T>(x, Math.SQRT1_2);
  const cumulative = tf.add<T>(tf.mul(tf.erf(u), 0.5), 0.5);
  return {
    value: tf.mul<T>(x, cumulative),
    saved: [u, cumulative],
    gradients: (dy, u, cumulative) => {
      const density = tf.mul(tf.div(u, tf.exp(tf.square(u))), 1 / Math.sqrt(Math.PI)); // dividing saves a negation
      return [tf.mul(dy, tf.add(cumulative, density))];
    },
  };
}
