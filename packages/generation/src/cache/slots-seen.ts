import { EXCLUDED_LOGIT } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Rows of tokens in slots: all take the same ones, and shorter rows begin with empty ones. */
export interface RowsInSlots {
  /** Empty slots at the beginning of each row. */
  readonly starts: ArrayLike<number>;
  /** Slots that are taken. */
  readonly taken: number;
}

/**
 * Where new tokens stand in their rows, which take the slots behind those that are taken: int32 (B, N). It is 0 in empty slots.
 *
 * @param last position that there is, which tokens have that are beyond it
 */
export function slotPositions({ starts, taken }: RowsInSlots, added: number, last: number): tf.Tensor2D {
  const positions = new Int32Array(starts.length * added);
  for (let row = 0; row < starts.length; row++) {
    for (let token = 0; token < added; token++) {
      positions[row * added + token] = Math.min(Math.max(0, taken + token - starts[row]), last);
    }
  }
  return tf.tensor2d(positions, [starts.length, added], 'int32');
}

/**
 * Which slots the new tokens see, those of their row as far back as a window reaches: 0, and {@link EXCLUDED_LOGIT} for others, (B, 1, N, C).
 *
 * @param capacity C
 */
export function slotBias({ starts, taken }: RowsInSlots, added: number, capacity: number, window: number): tf.Tensor4D {
  const bias = new Float32Array(starts.length * added * capacity).fill(EXCLUDED_LOGIT);
  for (let row = 0; row < starts.length; row++) {
    for (let token = 0; token < added; token++) {
      const slot = taken + token;
      const start = (row * added + token) * capacity;
      const first = Math.max(starts[row], slot - window + 1);
      if (first <= slot) bias.fill(0, start + first, start + slot + 1);
    }
  }
  return tf.tensor4d(bias, [starts.length, 1, added, capacity]);
}
