import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { pixelShuffle } from './pixel-shuffle';

beforeAll(() => tf.ready());

it.each([
  [1, 1, 4, 2],
  [2, 3, 4, 2],
  [2, 2, 6, 3],
])(
  'gives what a naive loop over %i rows of %i grids with sides of %i gives, in blocks of %i',
  (size, values, side, factor) => {
    const width = 2;
    const tokens = tf.randomUniform<tf.Rank.R3>([size, values * side * side, width], -1, 1, 'float32', 5);
    const kept = Array.from({ length: size * values * side * side }, (_, at) => Number(at % 7 > 0 && at % 11 > 3));
    const mask = tf.tensor2d(kept, [size, values * side * side]);
    const shuffled = pixelShuffle(
      { tokens, mask, rows: Int32Array.from({ length: size }, (_, row) => row) },
      values,
      factor,
    );
    const [given, valid] = [tokens.arraySync(), mask.arraySync()];
    const blocks = side / factor;
    for (let row = 0; row < size; row++) {
      const expected: number[][] = [];
      const expectedMask: number[] = [];
      for (let value = 0; value < values; value++) {
        for (let down = 0; down < blocks; down++) {
          for (let across = 0; across < blocks; across++) {
            const of = [];
            for (let y = 0; y < factor; y++) {
              for (let x = 0; x < factor; x++)
                of.push(value * side * side + (down * factor + y) * side + across * factor + x);
            }
            expected.push(of.flatMap((at) => given[row][at].map((own) => own * valid[row][at])));
            expectedMask.push(Math.max(...of.map((at) => valid[row][at])));
          }
        }
      }
      expect(shuffled.tokens.arraySync()[row].map((own) => own.map((x) => x + 0))).toEqual(
        expected.map((own) => own.map((x) => x + 0)),
      );
      expect(shuffled.mask.arraySync()[row]).toEqual(expectedMask);
    }
  },
);
