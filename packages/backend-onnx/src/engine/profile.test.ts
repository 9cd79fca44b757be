import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectEqual, onBoth } from '../testing/same-as-cpu';

describe('tf.profile', () => {
  it('says of each kernel what it says on the cpu backend: names, shapes, bytes and results', async () => {
    const profiled = await expectEqual(async () => {
      const profile = await tf.profile(() => {
        const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
        const hidden = tf.relu(tf.matMul(x, x));
        return tf.add(tf.sum(hidden), tf.scalar(1)) as tf.Tensor;
      });
      return {
        result: [...(profile.result as tf.Tensor).dataSync()],
        newBytes: profile.newBytes,
        newTensors: profile.newTensors,
        peakBytes: profile.peakBytes,
        kernelNames: profile.kernelNames,
        kernels: profile.kernels.map(
          ({ name, bytesAdded, totalBytesSnapshot, tensorsAdded, inputShapes, outputShapes }) => ({
            name,
            bytesAdded,
            totalBytesSnapshot,
            tensorsAdded,
            inputShapes,
            outputShapes,
          }),
        ),
      };
    });
    expect(profiled.result).toEqual([55]);
    expect(profiled.kernels.map(({ name }) => name)).toEqual(['BatchMatMul', 'Relu', 'Sum', 'Add']);
  });

  it('takes a function that waits', async () => {
    const { onnx } = await onBoth(async () => {
      const profile = await tf.profile(async () => {
        const x = tf.mul(tf.tensor1d([1, 2]), 3);
        await x.data();
        return tf.sum(x);
      });
      return profile.kernelNames;
    });
    expect(onnx).toEqual(expect.arrayContaining(['Multiply', 'Sum']));
  });
});

describe('tf.time', () => {
  it('measures the computing that was recorded, and none that was pending before', async () => {
    const timed = await onBoth(async () => {
      const large = tf.ones([150, 150]);
      for (let i = 0; i < 20; i++) tf.matMul(large, large);
      const none = (await tf.time(() => {})) as { kernelMs: number; wallMs: number };
      const some = (await tf.time(() => {
        for (let i = 0; i < 20; i++) tf.matMul(large, large);
      })) as { kernelMs: number; wallMs: number };
      return { none, some };
    });
    for (const { none, some } of [timed.cpu, timed.onnx]) {
      expect(some.kernelMs).toBeGreaterThan(0);
      expect(some.wallMs).toBeGreaterThanOrEqual(some.kernelMs);
      expect(none.kernelMs).toBeLessThan(some.kernelMs);
    }
  });
});
