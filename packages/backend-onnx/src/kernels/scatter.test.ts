import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { Random } from './cases/random';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** Rows of x summed up by id, one after the other. */
function naiveSegmentSum(x: ArrayLike<number>, ids: ArrayLike<number>, segments: number, width: number): Float64Array {
  const sums = new Float64Array(segments * width);
  for (let row = 0; row < ids.length; row++) {
    for (let column = 0; column < width; column++) sums[ids[row]! * width + column]! += x[row * width + column]!;
  }
  return sums;
}

describe('sums by index over many rows', () => {
  // ONNX Runtime's own parallel ScatterND loses sums at these sizes.
  for (const [segments, what] of [
    [40, 'few segments'],
    [23_000, 'more segments than are worth copying'],
  ] as const) {
    it(`lose nothing and are the same every time, with ${what}`, () => {
      const random = new Random(3);
      const [rows, width] = [1500, 384];
      const x = random.floats([rows, width], -1, 1).values;
      const ids = random.integers([rows], 0, segments - 1).values.map((id) => (id % 2 === 0 ? id : 7));
      const expected = naiveSegmentSum(x, ids, segments, width);
      const runs = Array.from({ length: 6 }, () =>
        tf.tidy(() =>
          tf
            .unsortedSegmentSum(tf.tensor2d([...x], [rows, width]), tf.tensor1d([...ids], 'int32'), segments)
            .dataSync(),
        ),
      );
      // About 750 terms below 1 in one row, each rounded to 24 bits.
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - runs[0]![i]!)), 0);
      expect(worst).toBeLessThan(1e-4);
      for (const run of runs.slice(1))
        expect(Buffer.compare(Buffer.from(run.buffer), Buffer.from(runs[0]!.buffer))).toBe(0);
    });
  }

  it('are exact for the gradient of a large overlapping max pooling', () => {
    const shape: [number, number, number, number] = [8, 64, 64, 8];
    // The maximum of each window is at its one multiple of three, so every position is counted by hand below.
    const x = tf.tidy(() => {
      const peaks = tf.cast(tf.equal(tf.mod(tf.range(0, 64), 3), 0), 'float32');
      return tf.add(
        tf.zeros(shape),
        tf.mul(tf.reshape(peaks, [64, 1, 1]), tf.reshape(peaks, [1, 64, 1])),
      ) as tf.Tensor4D;
    });
    const gradient = tf.grad((image: tf.Tensor) => tf.sum(tf.maxPool(image as tf.Tensor4D, 3, 1, 'valid')))(x);
    const total = tf.sum(gradient).dataSync()[0];
    expect(total).toBe(8 * 62 * 62 * 8);
    const corner = tf.slice(gradient, [0, 3, 3, 0], [1, 1, 1, 1]).dataSync()[0];
    expect(corner).toBe(9); // nine windows contain (3, 3)
  });
});
