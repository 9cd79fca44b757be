import type { TokenOwners } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Whose tokens are that lie side by side, slot by slot.
 *
 * @param own by slot (B, n) of its tokens in their order, 1 where one came from it
 * @param slots all slots of the model
 * @param nobodys (B, n) zeros for the tokens in front that came from no slot
 */
export function ownersSideBySide(
  own: Readonly<Record<string, tf.Tensor2D>>,
  slots: readonly string[],
  nobodys?: tf.Tensor2D,
): TokenOwners {
  const parts = Object.entries(own);
  // 1 + index where a token came from the slot, 0 elsewhere; less 1 in the end
  const counted = parts.map(([slot, ofSlot]) => tf.mul<tf.Tensor2D>(ofSlot, 1 + slots.indexOf(slot)));
  const joint = tf.concat<tf.Tensor2D>([...(nobodys ? [nobodys] : []), ...counted], 1);
  return { map: tf.cast(tf.sub<tf.Tensor2D>(joint, 1), 'int32'), slots };
}
