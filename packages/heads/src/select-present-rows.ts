import type * as tf from '@tensorflow/tfjs-core';
import { gatherRows } from './gather-rows';

/** Values of the rows of a batch that have something. */
export interface PresentValues {
  /** (P, E) */
  readonly values: tf.Tensor2D;
  /** (P) ascending positions in the batch. */
  readonly rows: Int32Array;
}

/** Those of some rows, renumbered to them; `undefined` where none of the rows has any. */
export function selectPresentRows(
  values: tf.Tensor2D,
  own: Int32Array,
  rows: readonly number[],
): PresentValues | undefined {
  const kept = [...rows.keys()].filter((target) => own.includes(rows[target]));
  if (kept.length === 0) return undefined;
  const sources = kept.map((target) => own.indexOf(rows[target]));
  return { values: gatherRows(values, sources), rows: Int32Array.from(kept) };
}
