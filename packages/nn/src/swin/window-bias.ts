import * as tf from '@tensorflow/tfjs-core';
import type { Grid } from './grid';

/**
 * For each query and key of a window, which entry of the table of relative positions is theirs (Liu et al. 2021, section 3.2).
 *
 * @returns (side⁴), query by query, in [0, (2 · side − 1)²)
 */
export function relativePositionIndices(side: number): Int32Array {
  const area = side * side;
  return Int32Array.from({ length: area * area }, (_, at) => {
    const [query, key] = [Math.floor(at / area), at % area];
    const down = Math.floor(query / side) - Math.floor(key / side) + side - 1;
    const across = (query % side) - (key % side) + side - 1;
    return down * (2 * side - 1) + across;
  });
}

/** {@link relativePositionIndices} as an int32 tensor. */
export function relativePositions(side: number): tf.Tensor1D {
  return tf.tensor1d(relativePositionIndices(side), 'int32');
}

/** How far windows are shifted, and the bias that keeps apart what a shift brought together. */
export interface ShiftedRegions {
  readonly shift: number;
  /** (windows, n, n) for windows of n tokens */
  readonly bias: tf.Tensor3D;
}

/** The same for all layers with shifted windows over a grid; undefined where one window holds a side of it, which is not shifted. */
export function shiftedRegions([rows, columns]: Grid, side: number): ShiftedRegions | undefined {
  const shift = Math.floor(side / 2);
  if (Math.min(rows, columns) <= side || shift === 0) return undefined;
  const padded = (length: number) => Math.ceil(length / side) * side;
  return { shift, bias: shiftedWindowBias(padded(rows), padded(columns), side, shift) };
}

/** What Python adds to the logits of pairs from different regions: enough for weights of e⁻¹⁰⁰. */
const otherRegion = -100;

/**
 * The bias that keeps apart what a shift brought into one window from different sides of a map (Liu et al. 2021, figure 4).
 *
 * @returns (H/side · W/side, side², side²), 0 or −100
 */
export function shiftedWindowBias(height: number, width: number, side: number, shift: number): tf.Tensor3D {
  const region = (at: number, length: number) => (at < length - side ? 0 : at < length - shift ? 1 : 2);
  const [rows, columns, area] = [height / side, width / side, side * side];
  const regionOf = (window: number, token: number) => {
    const y = Math.floor(window / columns) * side + Math.floor(token / side);
    const x = (window % columns) * side + (token % side);
    return 3 * region(y, height) + region(x, width);
  };
  const bias = new Float32Array(rows * columns * area * area);
  for (let window = 0; window < rows * columns; window++) {
    for (let query = 0; query < area; query++) {
      for (let key = 0; key < area; key++) {
        const apart = regionOf(window, query) !== regionOf(window, key);
        if (apart) bias[(window * area + query) * area + key] = otherRegion;
      }
    }
  }
  return tf.tensor3d(bias, [rows * columns, area, area]);
}
