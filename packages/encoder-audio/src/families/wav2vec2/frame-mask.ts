import * as tf from '@tensorflow/tfjs-core';

/** How a convolution without padding moves. */
export interface Stride {
  readonly kernelSize: number;
  readonly stride: number;
}

/**
 * Which frames of a convolution take part: as many as the values that take part would give alone (HF
 * `_get_feature_vector_attention_mask`). It is for masks that are padded at the right.
 *
 * @param mask   (B, L) of values
 * @param frames N, how many the convolutions make of L values
 * @returns (B, N)
 */
export function frameMask(mask: tf.Tensor2D, convolutions: readonly Stride[], frames: number): tf.Tensor2D {
  const lengths = convolutions.reduce<tf.Tensor>(
    (length, { kernelSize, stride }) => tf.floor(tf.add(tf.div(tf.sub(length, kernelSize), stride), 1)),
    tf.sum(mask, 1, true),
  ); // (B, 1)
  return tf.cast(tf.less<tf.Tensor2D>(tf.range(0, frames), lengths), 'float32');
}
