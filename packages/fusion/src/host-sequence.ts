import { type Batch, type Features, MissingModalityError, type ModalityBatch, SampleError } from '@polymodal/core';
import type { CausalEncoder } from '@polymodal/generation';
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

/**
 * How many tokens the host keeps of a sample.
 *
 * @param leavesOut of the index of a slot, whether the tokens go that stand at the places of its values
 */
export function keptTokenCount(
  encoder: CausalEncoder,
  features: Features,
  leavesOut: (slot: number) => boolean,
): number {
  const left = Array.from(features.placeSlot?.data ?? []).filter((slot) => slot >= 0 && leavesOut(slot));
  return encoder.tokenCount(features) - left.length;
}

/**
 * @param counts of the tokens of each slot in the sequence
 * @returns their sum
 * @throws SampleError for more than the host has positions for
 */
export function requirePositions(
  encoder: CausalEncoder,
  host: string,
  counts: Readonly<Record<string, number>>,
): number {
  const length = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { maxPositionEmbeddings: most } = encoder;
  if (length <= most) return length;
  const parts = Object.entries(counts).map(([slot, count]) => `${count} of "${slot}"`);
  throw new SampleError({
    expected: `at most ${most} tokens, which the encoder of "${host}" has positions for`,
    received: parts.length > 1 ? `${length}: ${parts.join(', ')}` : `${length}`,
    hint: `Shorten what stands in "${host}" (its maxLength cuts it), give fewer values, or let each have fewer tokens. Of a \`transformer\`, maxPositionEmbeddings says how many positions there are.`,
  });
}
