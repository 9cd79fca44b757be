import { Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { LayerNorm } from '../layer-norm';
import { Linear } from '../linear';
import type { Grid } from './grid';
import { padMaps } from './windows';

/** Makes one token of twice the width from each 2 × 2 (Liu et al. 2021, section 3.1; HF `SwinPatchMerging`). */
export class PatchMerging extends Module {
  readonly norm: LayerNorm;
  readonly reduction: Linear;

  constructor(hiddenSize: number) {
    super();
    this.norm = new LayerNorm(4 * hiddenSize);
    this.reduction = new Linear(4 * hiddenSize, 2 * hiddenSize, { bias: false });
  }

  /**
   * @param tokens (P, rows · columns, D); where a side is odd, zeros are added
   * @returns (P, ⌈rows/2⌉ · ⌈columns/2⌉, 2 D)
   */
  forward(tokens: tf.Tensor3D, [rows, columns]: Grid): tf.Tensor3D {
    const [size, , hiddenSize] = tokens.shape;
    const maps = padMaps(tf.reshape(tokens, [size, rows, columns, hiddenSize]), [2, 2]);
    const [height, width] = mergedGrid([rows, columns]);
    const quarters = tf.reshape(maps, [size * height, 2, width, 2, hiddenSize]);
    const inColumns = tf.transpose(quarters, [0, 2, 3, 1, 4]); // of each four the left ones first, from above
    const merged = tf.reshape<tf.Rank.R3>(inColumns, [size, height * width, 4 * hiddenSize]);
    return this.reduction.forward(this.norm.forward(merged));
  }
}

/** The grid after merging. */
export function mergedGrid([rows, columns]: Grid): Grid {
  return [Math.ceil(rows / 2), Math.ceil(columns / 2)];
}
