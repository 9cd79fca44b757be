import * as tf from '@tensorflow/tfjs-core';
import { checkShape } from './check-shape';
import { withGradient } from './functional/with-gradient';

/**
 * Sets what stands at padded positions to exactly 0, forward and in the gradient, whatever it was: NaN and infinity
 * too, which a product with the mask would keep.
 *
 * Apply it to the features themselves, before anything is computed with them: a weight that has met a NaN gets a NaN
 * gradient, even if the result is dropped afterwards (0 · NaN = NaN).
 *
 * ```ts
 * const readings = zeroPadding(features.readings, features.mask); // in an encoder's `embed`
 * ```
 *
 * @param x    (B, N, …)
 * @param mask (B, N), 1 = takes part
 */
export function zeroPadding<T extends tf.Tensor>(x: T, mask: tf.Tensor2D): T {
  const [batch, length] = x.shape;
  checkShape('zeroPadding mask', mask, [batch, length]);
  const trailing = x.shape.slice(2).map(() => 1);
  const takesPart = tf.reshape(tf.cast(mask, 'bool'), [batch, length, ...trailing]);
  const clean = (values: tf.Tensor, takesPart: tf.Tensor) =>
    tf.where(takesPart, values, tf.scalar(0, values.dtype as 'float32' | 'int32')) as T;
  return withGradient([x], () => ({
    value: clean(x, takesPart),
    saved: [takesPart],
    gradients: (dy, takesPart) => [clean(dy, takesPart)],
  }));
}
