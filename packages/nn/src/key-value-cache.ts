import * as tf from '@tensorflow/tfjs-core';
import { replaceSlices } from './functional/replace-slices';

/** Keys and values of the tokens that an attention has seen, with room for more: C slots, of which some are taken. */
export interface KeyValueCache {
  /** (B, Hkv, C, d) */
  readonly keys: tf.Tensor4D;
  /** (B, Hkv, C, d) */
  readonly values: tf.Tensor4D;
}

/** Writes keys or values of N new tokens into their slots. */
export function writeSlots(cache: tf.Tensor4D, places: tf.Tensor2D, added: tf.Tensor4D): tf.Tensor4D {
  const rows = tf.reshape(added, [places.shape[0], added.shape[3]]);
  return replaceSlices(cache, places, rows);
}

/**
 * Where the keys of N tokens go, which take the slots from `start` on, the same in every row.
 *
 * @returns int32 [B · Hkv · N, 3]: row, head and slot of each
 */
export function slotPlaces([batch, heads, length]: readonly [number, number, number], start: number): Int32Array {
  const places = new Int32Array(batch * heads * length * 3);
  let at = 0;
  for (let row = 0; row < batch; row++) {
    for (let head = 0; head < heads; head++) {
      for (let token = 0; token < length; token++) {
        places[at++] = row;
        places[at++] = head;
        places[at++] = start + token;
      }
    }
  }
  return places;
}

/** Where N new tokens of a sequence stand, and what layers keep of those before them. */
export interface Past {
  /** Of each attention, in the order in which they are run. Of a beginning, which grows, there are none yet. */
  readonly caches: readonly KeyValueCache[];
  /**
   * Where keys and values of the new tokens go: int32 (B · Hkv · N, 3), as {@link slotPlaces} counts. Without it they are put behind
   * those before, and gradients flow through all of them: so a text is learned that goes on behind another.
   */
  readonly places?: tf.Tensor2D;
  /** Where the new tokens stand in their rows, counted from 0: int32 (B, N). */
  readonly positions: tf.Tensor2D;
  /**
   * Which slots they see, by how many tokens back they see, themselves among them: 0 or `EXCLUDED_LOGIT`, (B, 1, N, C). Where the
   * past grows, C is how many tokens there are with the new ones.
   */
  readonly biases: ReadonlyMap<number, tf.Tensor4D>;
  /** A length of the rows by which positions are scaled as by the one that they have. */
  readonly length: number;
}
