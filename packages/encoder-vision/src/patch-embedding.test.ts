import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { PatchEmbedding } from './patch-embedding';

describe('PatchEmbedding', () => {
  it('is a convolution whose stride is its kernel size', () => {
    const [size, height, width, channels, p, hiddenSize] = [2, 4, 6, 3, 2, 5];
    const pixels = RandomKey.from(1).normal(size * height * width * channels);
    const weight = RandomKey.from(2).normal(hiddenSize * channels * p * p);
    const bias = RandomKey.from(3).normal(hiddenSize);
    const layer = new PatchEmbedding(channels, p, hiddenSize);
    layer.weight.assignValues(weight);
    layer.bias.assignValues(bias);

    const expected: number[] = [];
    for (let b = 0; b < size; b++)
      for (let row = 0; row < height / p; row++)
        for (let column = 0; column < width / p; column++)
          for (let d = 0; d < hiddenSize; d++) {
            let sum = bias[d];
            for (let c = 0; c < channels; c++)
              for (let i = 0; i < p; i++)
                for (let j = 0; j < p; j++) {
                  const pixel = ((b * height + row * p + i) * width + column * p + j) * channels + c;
                  sum += weight[((d * channels + c) * p + i) * p + j] * pixels[pixel];
                }
            expected.push(sum);
          }

    const actual = layer.forward(tf.tensor4d(pixels, [size, height, width, channels]));
    expect(actual.shape).toEqual([size, (height / p) * (width / p), hiddenSize]);
    actual.dataSync().forEach((value, index) => expect(value).toBeCloseTo(expected[index], 4));
  });
});
