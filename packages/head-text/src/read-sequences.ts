import type { CausalPart } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';

/** A row of a causal sequence, in host memory. */
export interface ReadSequence {
  /** Where its tokens stand. */
  readonly places: readonly number[];
  /** The ids of those that have one: of pictures in documents, for each of their tokens that which stands for them, as `input_ids` of Python. */
  readonly ids: Int32Array;
}

/**
 * The rows of a causal sequence.
 *
 * @param mask          (B, N)
 * @param isPlaceholder whether an id at a place of a document is of the vocabulary
 */
export async function readSequences(
  { ids, placeholders }: Pick<CausalPart, 'ids' | 'placeholders'>,
  mask: tf.Tensor2D,
  isPlaceholder: (id: number) => boolean,
): Promise<ReadSequence[]> {
  const [batch, length] = mask.shape;
  const [known, present, standing] = await Promise.all([ids.data(), mask.data(), placeholders?.data()]);
  const idAt = (at: number): number => {
    const id = standing?.[at] ?? -1;
    return id >= 0 && isPlaceholder(id) ? id : known[at];
  };
  return Array.from({ length: batch }, (_, row) => {
    const all = Array.from({ length }, (_unused, place) => place);
    const places = all.filter((place) => present[row * length + place] === 1);
    return { places, ids: Int32Array.from(places, (place) => idAt(row * length + place)).filter((id) => id >= 0) };
  });
}
