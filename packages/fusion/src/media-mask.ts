import * as tf from '@tensorflow/tfjs-core';

/** Where the values of other slots stand in the sequence of a host: see `placeFeatures` of core. */
export interface MediaPlaces {
  /** (B, N) of the host, 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** int32 (B, N), of documents: whose value stands at an element, and which of the row's; −1 for none. */
  readonly placeSlot: tf.Tensor2D | undefined;
  readonly placeValue: tf.Tensor2D | undefined;
}

/** Which values of one slot a host's tokens see. */
export interface MediaMask {
  /** (B, N, V), 1 = seen. */
  readonly sees: tf.Tensor3D;
  /** (B, N), 1 = a value of the slot stands here, and the row has it. */
  readonly isPlace: tf.Tensor2D;
}

/**
 * A token of a document sees the last value that stands at it or before it, and none where none does (Alayrac et al. 2022, section 2.3;
 * `image_attention_mask` of HF `IdeficsProcessor`). In rows where values stand nowhere, beside a text that is no document, every token
 * sees all of them.
 *
 * @param slot    its index among the slots
 * @param present (B, V), 1 = the row has this value
 */
export function mediaMask({ mask, placeSlot, placeValue }: MediaPlaces, slot: number, present: tf.Tensor2D): MediaMask {
  const ofRow = tf.expandDims<tf.Tensor3D>(present, 1); // (B, 1, V)
  if (!placeSlot || !placeValue) {
    const everywhere = tf.mul<tf.Tensor3D>(tf.onesLike(tf.expandDims(mask, 2)), ofRow);
    return { sees: everywhere, isPlace: tf.zerosLike(mask) };
  }
  const [batch, length] = mask.shape;
  const values = present.shape[1];
  const isOfSlot = tf.mul(mask, tf.cast(tf.equal(placeSlot, slot), 'float32'));
  const isValue = tf.equal(tf.expandDims(placeValue, 2), tf.range(0, values, 1, 'int32'));
  const standsAt = tf.mul<tf.Tensor3D>(tf.expandDims(isOfSlot, 2), tf.cast(isValue, 'float32')); // (B, N, V)
  const reached = tf.cumsum<tf.Tensor3D>(standsAt, 1); // values are counted in the order of their places
  const following = tf.concat([tf.slice(reached, [0, 0, 1], [-1, -1, values - 1]), tf.zeros([batch, length, 1])], 2);
  const last = tf.relu(tf.sub(reached, following));
  const isPlaced = tf.max(standsAt, [1, 2], true); // (B, 1, 1)
  return {
    sees: tf.mul(tf.add(last, tf.sub(1, isPlaced)), ofRow),
    isPlace: tf.max(tf.mul(standsAt, ofRow), 2),
  };
}
