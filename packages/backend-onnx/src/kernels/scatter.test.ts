import * as tf from '@tensorflow/tfjs-core';
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
      const [rows, width] = [1500, 384];
      const random = new Random(3);
      const x = Float32Array.from({ length: rows * width }, () => 2 * random.unit() - 1);
      const ids = Int32Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? random.integer(0, segments - 1) : 7));
      const [tensor, idTensor] = [tf.tensor2d(x, [rows, width]), tf.tensor1d(ids, 'int32')];
      const runs = Array.from({ length: 4 }, () => {
        const sums = tf.unsortedSegmentSum(tensor, idTensor, segments);
        const values = sums.dataSync(); // not out of a tidy scope, which would search them for tensors
        sums.dispose();
        return values;
      });
      const expected = naiveSegmentSum(x, ids, segments, width);
      // About 750 terms below 1 in one row, each rounded to 24 bits.
      let worst = 0;
      for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(expected[i]! - runs[0]![i]!));
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
