import { type Batch, MissingModalityError, type ModalityBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * What a batch has of the slot whose sequence a decoder goes through.
 *
 * @throws MissingModalityError for a row without it
 */
export function hostSequence({ size, modalities }: Batch, host: string): ModalityBatch {
  const own = modalities[host];
  if (own?.rows.length === size) return own;
  const rows = own?.rows ?? [];
  const row = Array.from({ length: size }, (_, index) => index).find((index) => !rows.includes(index));
  throw new MissingModalityError({
    where: `row ${row}`,
    expected: `"${host}", whose sequence the decoder goes through`,
    received: 'a row without it',
    hint: 'Leave such samples out of the batch.',
  });
}

/** int32 (B, N): the ids of tokens, −1 where one is of no vocabulary, or takes no part. */
export function hostIds(inputIds: tf.Tensor2D | undefined, mask: tf.Tensor2D): tf.Tensor2D {
  const none = tf.fill(mask.shape, -1, 'int32') as tf.Tensor2D;
  return inputIds ? tf.where(tf.cast(mask, 'bool'), inputIds, none) : none;
}
