import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { moveInCaches } from '../move-tokens';

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
  const length = caches[0]?.keys.shape[2] ?? 0;
  const from = places.map((own, row) =>
    Array.from({ length: capacity }, (_, slot) => row * length + (own[slot - (taken - own.length)] ?? own[0])),
  ); // an empty slot is never seen
  return tf.tidy(() => moveInCaches(caches, from).map((cache) => ({ ...cache })));
}
