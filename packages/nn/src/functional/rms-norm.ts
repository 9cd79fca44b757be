import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient';

/**
 * y = x̂ ∘ w with x̂ = x / σ over the last axis and σ² = mean(x²) + eps (Zhang and Sennrich 2019, eq. 4). Its gradient, for
 * each row of D values, with g = dy ∘ w:
 *
 *     dx = (g − x̂ mean(g ∘ x̂)) / σ    dw = Σ dy ∘ x̂
 *
 * @param x      (…, D)
 * @param weight (D)
 * @returns      (…, D)
 */
export function rmsNorm<T extends tf.Tensor>(x: T, weight: tf.Tensor1D, eps: number): T {
  return withGradient([x, weight], () => {
    const [size] = weight.shape;
    const rows = tf.reshape<tf.Rank.R2>(x, [-1, size]);
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(rows), 1, true), eps)); // 1 / σ, (rows, 1)
    const normalised = tf.mul<tf.Tensor2D>(rows, inverse);
    return {
      value: tf.reshape(tf.mul(normalised, weight), x.shape) as T,
      saved: [normalised, inverse, weight],
      gradients: (dy, normalised, inverse, weight) => {
        const product = tf.mul<tf.Tensor2D>(tf.reshape<tf.Rank.R2>(dy, [-1, size]), normalised);
        const average = tf.reshape<tf.Rank.R2>(tf.div(weight, size), [size, 1]); // a product with it weighs and takes the mean
        const along = tf.mul(normalised, tf.matMul(product, average));
        const direct = tf.mul(tf.reshape(dy, [-1, size]), weight);
        return [tf.reshape(tf.mul(tf.sub(direct, along), inverse), dy.shape), tf.sum(product, 0)];
      },
    };
  });
}
