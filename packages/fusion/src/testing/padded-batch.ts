import type { Batch, ModalityBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** All rows in one batch, each padded to the longest; NaN stands where nothing is. */
export function paddedBatch(
  rows: readonly { readonly tokens: Readonly<Record<string, number[][]>> }[],
  widths: Readonly<Record<string, number>>,
): Batch {
  const modalities: Record<string, ModalityBatch> = {};
  for (const [modality, width] of Object.entries(widths)) {
    const present = rows.flatMap(({ tokens }, row) => (modality in tokens ? [row] : []));
    const values = present.map((row) => rows[row].tokens[modality]);
    const longest = Math.max(...values.map(({ length }) => length));
    const nothing = (count: number) => Array.from({ length: count }, () => new Array<number>(width).fill(Number.NaN));
    const padded = values.map((own) => [...own, ...nothing(longest - own.length)]);
    const mask = values.map((own) => Array.from({ length: longest }, (_, i) => (i < own.length ? 1 : 0)));
    modalities[modality] = {
      rows: Int32Array.from(present),
      features: { tokens: tf.tensor3d(padded), mask: tf.tensor2d(mask) },
    };
  }
  return { size: rows.length, modalities, targets: {} };
}
