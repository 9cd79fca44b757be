import type { HostTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Lists of ids as a tensor (B, T) of the longest, −1 at one end of shorter ones. */
export function stackedIds(rows: readonly (readonly number[])[], at: 'start' | 'end'): tf.Tensor2D {
  const length = Math.max(1, ...rows.map((row) => row.length));
  const values = new Int32Array(rows.length * length).fill(-1);
  rows.forEach((row, index) => values.set(row, index * length + (at === 'start' ? length - row.length : 0)));
  return tf.tensor2d(values, [rows.length, length], 'int32');
}

/** What {@link stackedIds} was given, of the rows one after the other. */
export function idsOfRow({ data, shape }: HostTensor, row: number): number[] {
  const length = shape.at(-1)!;
  return Array.from(data.subarray(row * length, (row + 1) * length)).filter((id) => id >= 0);
}
