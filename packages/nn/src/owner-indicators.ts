import * as tf from '@tensorflow/tfjs-core';

/**
 * For each token 1 at the modality that it is of, else 0; all 0 where it is of none.
 *
 * @param owner int32 (B, N): the index of a modality, or −1
 * @param size  S, how many modalities there are
 * @returns     (B, N, S)
 */
export function ownerIndicators(owner: tf.Tensor2D, size: number): tf.Tensor3D {
  return tf.cast(tf.equal<tf.Tensor3D>(tf.expandDims(owner, 2), tf.range(0, size, 1, 'int32')), 'float32');
}
