import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Prompts that ran through the layers already: their keys and values. */
export interface KeptPrompts {
  /** Of each attention, (B, Hkv, N, d). They are not disposed. */
  readonly caches: readonly KeyValueCache[];
  /** For each row, the places of its tokens among the N, ascending and at least one. */
  readonly places: readonly (readonly number[])[];
}

/**
 * Caches with slots: the tokens of each row stand at the end of the first `taken` of them, empty ones before those of shorter rows and
 * behind all.
 */
export function inSlots({ caches, places }: KeptPrompts, taken: number, capacity: number): KeyValueCache[] {
  return caches.map(({ keys, values }) =>
    tf.tidy(() => ({ keys: placed(keys, places, taken, capacity), values: placed(values, places, taken, capacity) })),
  );
}

/** (B, Hkv, N, d) → (B, Hkv, capacity, d) */
function placed(
  cache: tf.Tensor4D,
  places: readonly (readonly number[])[],
  taken: number,
  capacity: number,
): tf.Tensor4D {
  const [batch, heads, length, width] = cache.shape;
  const arePlaced = taken === length && places.every((own) => own.length === length);
  const none: [number, number] = [0, 0];
  return tf.pad(arePlaced ? cache : chosen(), [none, none, [0, capacity - taken], none]);

  function chosen(): tf.Tensor4D {
    const sources = Int32Array.from({ length: batch * taken }, (_, slot) => {
      const row = Math.floor(slot / taken);
      const own = places[row];
      return row * length + (own[(slot % taken) - (taken - own.length)] ?? own[0]); // an empty slot is never seen
    });
    const byToken = tf.reshape(tf.transpose(cache, [0, 2, 1, 3]), [batch * length, heads * width]);
    const rows = tf.gather(byToken, tf.tensor1d(sources, 'int32'));
    return tf.transpose(tf.reshape<tf.Rank.R4>(rows, [batch, taken, heads, width]), [0, 2, 1, 3]);
  }
}
