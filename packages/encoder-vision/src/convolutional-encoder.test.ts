import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { ConvolutionalEncoder } from './convolutional-encoder';
import { fixtureTensors } from './testing/fixture';

it('gives what PyTorch gives, for the mean and the greatest values of the positions too', () => {
  const { pixels, tokens, mean, max, ...weights } = Object.fromEntries(fixtureTensors('convolutional.safetensors'));
  const encoder = new ConvolutionalEncoder({
    imageSize: [9, 6],
    numChannels: 3,
    hiddenSize: 8,
    stemChannels: [5],
    numHiddenLayers: 2,
    layerNormEps: 1e-6,
    pooling: 'mean-max',
  });
  const parameters = encoder.parameters();
  expect([...parameters.keys()].sort()).toEqual(Object.keys(weights).sort());
  for (const [name, parameter] of parameters) parameter.assignValues(weights[name].data);
  const batch = {
    rows: Int32Array.of(0, 1, 2),
    features: { pixelValues: tf.tensor4d(pixels.data, pixels.shape as [number, number, number, number]) },
  };
  const encoded = encoder.encode(batch, inferenceContext());
  expectNear(encoded.tokens, tokens.data);
  const pooled = tf.concat([tf.tensor2d(mean.data, [3, 8]), tf.tensor2d(max.data, [3, 8])], 1);
  expectNear(encoded.pooled, pooled.dataSync());
});

it('has layers that change nothing at first', () => {
  const encoder = new ConvolutionalEncoder({
    imageSize: [8, 8],
    numChannels: 3,
    hiddenSize: 8,
    stemChannels: [5],
    numHiddenLayers: 2,
    layerNormEps: 1e-6,
    pooling: 'mean',
  });
  initialize(encoder, RandomKey.from(1));
  const pixelValues = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 1);
  const embedded = encoder.embed({ rows: Int32Array.of(0, 1), features: { pixelValues } });
  const after = encoder.layer(1, encoder.layer(0, embedded, inferenceContext()), inferenceContext());
  expect(after.tokens.dataSync()).toEqual(embedded.tokens.dataSync());
});

/** Values of order 1 after norms, in float32 through six convolutions of up to 72 terms each. */
function expectNear(actual: tf.Tensor, expected: ArrayLike<number>): void {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(2e-5);
}
