import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { placeRows } from './place-rows';

const values = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
const rows = Int32Array.of(1, 3);

describe('placeRows', () => {
  it('puts each value in its row, and zeros or the filler in the others', () => {
    const zeros = [
      [0, 0],
      [1, 2],
      [0, 0],
      [3, 4],
    ];
    expect(placeRows(values, rows, 4).arraySync()).toEqual(zeros);
    const filled = [
      [7, 8],
      [1, 2],
      [7, 8],
      [3, 4],
    ];
    expect(placeRows(values, rows, 4, tf.tensor2d([[7, 8]])).arraySync()).toEqual(filled);
  });

  it('returns the values themselves where every row has one', () => {
    expect(placeRows(values, Int32Array.of(0, 1), 2)).toBe(values);
  });

  it('gives each value the gradient of its row, and the filler the sum of the others', () => {
    const dy = tf.tensor2d([
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    const filler = tf.tensor2d([[7, 8]]);
    const place = (x: tf.Tensor, f: tf.Tensor) => placeRows(x, rows, 4, f);
    const [dValues, dFiller] = tf.grads(place)([values, filler], dy);
    expect(dValues.arraySync()).toEqual([
      [2, 20],
      [4, 40],
    ]);
    expect(dFiller.arraySync()).toEqual([[4, 40]]);
    const [alone] = tf.grads((x: tf.Tensor) => placeRows(x, rows, 4))([values], dy);
    expect(alone.arraySync()).toEqual([
      [2, 20],
      [4, 40],
    ]);
  });

  it('keeps a NaN in its row', () => {
    const broken = tf.tensor2d([
      [Number.NaN, 2],
      [3, 4],
    ]);
    expect(placeRows(broken, rows, 4).arraySync()).toEqual([
      [0, 0],
      [Number.NaN, 2],
      [0, 0],
      [3, 4],
    ]);
    const dy = tf.tensor2d([
      [0, 0],
      [Number.NaN, 1],
      [0, 0],
      [1, 1],
    ]);
    const [gradient] = tf.grads((x: tf.Tensor) => placeRows(x, rows, 4))([values], dy);
    expect(gradient.arraySync()).toEqual([
      [Number.NaN, 1],
      [1, 1],
    ]);
  });
});
