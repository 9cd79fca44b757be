import { initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ConvolutionStem } from './convolution-stem';

function stem(strides: number[], kernelSize = 3): ConvolutionStem {
  const made = new ConvolutionStem({ inChannels: 4, hiddenSize: 6, strides, kernelSize });
  initialize(made, RandomKey.from(5));
  return made;
}

const frames = (length: number) => tf.tensor3d(RandomKey.from(9).normal(length * 4), [1, length, 4]);

describe('ConvolutionStem', () => {
  it('shortens tokens and mask alike, to the ceiling of each stride', () => {
    const { tokens, mask } = stem([2, 3]).forward(frames(13), tf.ones([1, 13]));
    expect(tokens.shape).toEqual([1, 3, 6]); // 13 → 7 → 3
    expect(mask.shape).toEqual([1, 3]);
  });

  it.each([
    [[1, 2], 3],
    [[2, 2], 3],
    [[3, 2, 1], 5],
  ])(
    'gives a padded row what it gives the row alone, NaN in the padding too (strides %j, kernel %i)',
    (strides, kernel) => {
      const layer = stem(strides, kernel);
      for (const length of [1, 2, 7, 8, 9, 12]) {
        const alone = layer.forward(frames(length), tf.ones([1, length]));
        const padding = tf.fill([1, 24 - length, 4], Number.NaN) as tf.Tensor3D;
        const mask = tf.concat2d([tf.ones([1, length]), tf.zeros([1, 24 - length])], 1);
        const padded = layer.forward(tf.concat3d([frames(length), padding], 1), mask);
        const kept = alone.tokens.shape[1];
        expect(tf.sum(padded.mask).arraySync()).toBe(kept);
        expect([...tf.slice(padded.tokens, [0, 0, 0], [1, kept, 6]).dataSync()]).toEqual([...alone.tokens.dataSync()]);
        expect([...padded.tokens.dataSync()].every(Number.isFinite)).toBe(true);
      }
    },
  );

  it('lets nothing but the frames around a token reach it', () => {
    const layer = stem([1, 2]);
    const before = layer.forward(frames(16), tf.ones([1, 16])).tokens;
    const change = tf.cast(tf.reshape(tf.oneHot(tf.tensor1d([10], 'int32'), 16), [1, 16, 1]), 'float32');
    const after = layer.forward(tf.add(frames(16), change), tf.ones([1, 16])).tokens;
    const touched = tf.any(tf.notEqual(before, after), [0, 2]).dataSync();
    expect([...touched].map(Boolean)).toEqual([false, false, false, false, true, true, true, false]); // centres 2·j ± 2
  });
});
