import * as tf from '@tensorflow/tfjs-core';
import { fusedGelu } from './fused-gelu';
import { type WithGradient, withGradient } from './with-gradient';

/** √(2/π) */
const scale = Math.sqrt(2 / Math.PI);

/**
 * The tanh form of GELU that GPT-2 uses: x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2. As (1 + tanh a) / 2 = σ(2a), it is
 *
 *     y = x s    with s = σ(x v) and v = 2 √(2/π) (1 + 0.044715 x²)
 *
 * and its gradient, since d(x v)/dx = 3 v − 4 √(2/π),
 *
 *     dx = dy ∘ (s + y (1 − s) (3 v − 4 √(2/π)))
 */
export function geluTanh<T extends tf.Tensor>(x: T): T {
  return withGradient([x], () => fusedGelu(x, 'tanh') ?? plainGeluTanh(x));
}

function plainGeluTanh<T extends tf.Tensor>(x: T): WithGradient<[T], tf.Tensor[], T> {
  const v = tf.add<T>(tf.mul(tf.square(x), 2 * 0.044715 * scale), 2 * scale);
  const s = tf.sigmoid(tf.mul<T>(x, v));
  const y = tf.mul<T>(x, s);
  return {
    value: y,
    saved: [v, s, y],
    gradients: (dy, v, s, y) => {
      const slope = tf.sub(tf.mul(v, 3), 4 * scale);
      return [tf.mul(dy, tf.add(s, tf.mul(tf.mul(y, tf.sub(1, s)), slope)))];
    },
  };
}
