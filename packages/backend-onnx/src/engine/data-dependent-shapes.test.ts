import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { expectEqual } from '../testing/same-as-cpu';

/** Something recorded, so that the shape can only be known once it has been computed. */
const recorded = (values: number[]) => tf.sub(tf.add(tf.tensor1d(values), 1), 1);

describe('operations whose shape depends on values run what is recorded, and go on', () => {
  it('whereAsync', async () => {
    const places = await expectEqual(async () => {
      const where = await tf.whereAsync(tf.greater(recorded([1, -2, 3, 0]), 0));
      return tf.add(where, 0).arraySync();
    });
    expect(places).toEqual([[0], [2]]);
  });

  it('booleanMaskAsync, of what is used further', async () => {
    const sums = await expectEqual(async () => {
      const x = tf.reshape(recorded([1, 2, 3, 4, 5, 6]), [3, 2]);
      const chosen = await tf.booleanMaskAsync(x, tf.greater(tf.sum(x, 1), 5));
      return tf.sum(tf.mul(chosen, 2), 0).arraySync();
    });
    expect(sums).toEqual([16, 20]);
  });

  it('booleanMaskAsync that leaves nothing', async () => {
    const result = await expectEqual(async () => {
      const x = recorded([1, 2]);
      const none = await tf.booleanMaskAsync(x, tf.greater(x, 5));
      return { shape: none.shape, sum: tf.sum(none).arraySync() };
    });
    expect(result).toEqual({ shape: [0], sum: 0 });
  });

  it('setdiff1dAsync', async () => {
    const result = await expectEqual(async () => {
      const [values, places] = (await tf.setdiff1dAsync(recorded([1, 2, 3, 4, 5]), recorded([2, 4]))) as [
        tf.Tensor,
        tf.Tensor,
      ];
      return [values.arraySync(), places.arraySync(), tf.add(values, 1).arraySync()];
    });
    expect(result).toEqual([
      [1, 3, 5],
      [0, 2, 4],
      [2, 4, 6],
    ]);
  });

  it('unique and non-maximum suppression', async () => {
    const result = await expectEqual(async () => {
      const { values, indices } = tf.unique(recorded([3, 1, 3, 2]));
      const boxes = tf.tensor2d([0, 0, 1, 1, 0, 0, 0.9, 1, 2, 2, 3, 3], [3, 4]);
      const kept = await tf.image.nonMaxSuppressionAsync(boxes, recorded([0.5, 0.9, 0.7]) as tf.Tensor1D, 3, 0.5);
      return [values.arraySync(), indices.arraySync(), kept.arraySync()];
    });
    expect(result).toEqual([
      [3, 1, 2],
      [0, 1, 0, 2],
      [1, 2],
    ]);
  });

  it('with one run for all that was pending', async () => {
    const backend = registerOnnxBackend();
    await tf.setBackend('onnx');
    const x = recorded([1, -1, 2]);
    const other = tf.mul(x, 10);
    const before = backend.statistics().runs;
    const where = await tf.whereAsync(tf.greater(x, 0));
    expect(backend.statistics().runs).toBe(before + 1);
    expect([...other.dataSync()]).toEqual([10, -10, 20]);
    expect(backend.statistics().runs).toBe(before + 1);
    expect(where.shape).toEqual([2, 1]);
  });
});
