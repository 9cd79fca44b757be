import type * as tf from '@tensorflow/tfjs-core';

/** A row of a causal sequence, in host memory. */
export interface ReadSequence {
  /** Where its tokens stand. */
  readonly places: readonly number[];
  /** The ids of those that have one. */
  readonly ids: Int32Array;
}

/**
 * The rows of a causal sequence.
 *
 * @param ids  (B, N), −1 for none
 * @param mask (B, N)
 */
export async function readSequences(ids: tf.Tensor2D, mask: tf.Tensor2D): Promise<ReadSequence[]> {
  const [batch, length] = mask.shape;
  const [known, present] = await Promise.all([ids.data(), mask.data()]);
  return Array.from({ length: batch }, (_, row) => {
    const all = Array.from({ length }, (_unused, place) => place);
    const places = all.filter((place) => present[row * length + place] === 1);
    return {
      places,
      ids: Int32Array.from(places, (place) => known[row * length + place]).filter((id) => id >= 0),
    };
  });
}
