import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CacheSizes } from './decodable';

/** Caches of so many slots for each row, all of them empty. */
export function emptyCaches(
  { numKeyValueHeads, headDim, windows }: CacheSizes,
  rows: number,
  slots: number,
): KeyValueCache[] {
  const shape: [number, number, number, number] = [rows, numKeyValueHeads, slots, headDim];
  const empty = () => tf.tensor4d(new Float32Array(tf.util.sizeFromShape(shape)), shape);
  return windows.map(() => ({ keys: empty(), values: empty() }));
}
