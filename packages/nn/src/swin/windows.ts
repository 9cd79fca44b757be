import * as tf from '@tensorflow/tfjs-core';

/**
 * Cuts maps into windows.
 *
 * @param maps (P, H, W, D), H and W multiples of `side`
 * @returns (P · H/side · W/side, side², D), the windows of a map row by row
 */
export function cutWindows(maps: tf.Tensor4D, side: number): tf.Tensor3D {
  const [size, height, width, features] = maps.shape;
  const [rows, columns] = [height / side, width / side];
  const cut = tf.reshape(maps, [size * rows, side, columns, side * features]);
  return tf.reshape(tf.transpose(cut, [0, 2, 1, 3]), [size * rows * columns, side * side, features]);
}

/** The maps of H × W that {@link cutWindows} cut. */
export function joinWindows(
  windows: tf.Tensor3D,
  side: number,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  const [count, , features] = windows.shape;
  const [rows, columns] = [height / side, width / side];
  const size = count / (rows * columns);
  const strips = tf.transpose(tf.reshape(windows, [size * rows, columns, side, side * features]), [0, 2, 1, 3]);
  return tf.reshape(strips, [size, height, width, features]);
}

/** Moves maps up and left by `shift`, where what leaves at one side enters at the other; a negative shift moves them back. */
export function shiftMaps(maps: tf.Tensor4D, shift: number): tf.Tensor4D {
  return shift === 0 ? maps : shiftAxis(shiftAxis(maps, shift, 1), shift, 2);
}

function shiftAxis(maps: tf.Tensor4D, shift: number, axis: 1 | 2): tf.Tensor4D {
  const length = maps.shape[axis];
  const at = (shift + length) % length;
  const [first, rest] = tf.split<tf.Tensor4D>(maps, [at, length - at], axis);
  return tf.concat([rest, first], axis);
}

/** Adds zeros at the bottom and right, up to multiples of `sides`. */
export function padMaps(maps: tf.Tensor4D, sides: readonly [height: number, width: number]): tf.Tensor4D {
  const [, height, width] = maps.shape;
  const [below, beside] = [rest(height, sides[0]), rest(width, sides[1])];
  if (below === 0 && beside === 0) return maps;
  return tf.pad4d(maps, [
    [0, 0],
    [0, below],
    [0, beside],
    [0, 0],
  ]);
}

function rest(length: number, side: number): number {
  return (side - (length % side)) % side;
}
