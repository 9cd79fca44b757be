import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Conv2d, type Conv2dConfig } from './conv2d';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectFiniteDifferences } from './testing/finite-differences';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<Conv2dConfig, Conv2d>('conv2d', {
  create: (config) => new Conv2d(config),
  forward: (layer, { x }) => {
    const y = layer.forward(x as tf.Tensor4D);
    expect(layer.outputSize(x.shape[1]!, x.shape[2]!)).toEqual(y.shape.slice(1, 3));
    return y;
  },
});

describeOnEveryBackend('Conv2d', () => {
  it('has the gradient that finite differences give', () => {
    const layer = new Conv2d({ inChannels: 2, outChannels: 3, kernelSize: [2, 3], stride: [2, 1], padding: [1, 0] });
    expectFiniteDifferences(layer, [seededTensor<tf.Tensor4D>([1, 3, 4, 2])], (x) => layer.forward(x));
  });

  it('adds its bias at each of many positions, also of channels that fill no block of 8 or 16', () => {
    const [positions, outChannels] = [33 * 34, 12];
    const layer = new Conv2d({ inChannels: 20, outChannels, kernelSize: 3, padding: 1 });
    layer.weight.assignValues(new Float32Array(outChannels * 20 * 9));
    layer.bias!.assignValues(Float32Array.from({ length: outChannels }, (_, channel) => channel + 1));
    const x = tf.ones<tf.Rank.R4>([1, 33, 34, 20]);
    layer
      .forward(x)
      .dataSync()
      .forEach((value, i) => expect(value).toBe((i % outChannels) + 1));
    const { grads } = tf.variableGrads(() => tf.sum(layer.forward(x)), [layer.bias!.value as tf.Variable]);
    const [gradient] = Object.values(grads);
    expect([...gradient.dataSync()]).toEqual(Array(outChannels).fill(positions));
  });
});

describe('Conv2d', () => {
  const config = { inChannels: 3, outChannels: 4, kernelSize: 3 };

  it('says that channels come last', () => {
    expect(() => new Conv2d(config).forward(tf.zeros([1, 3, 8, 8]))).toThrow(
      'Conv2d input: expected shape [B, H, W, 3], received [1, 3, 8, 8]. Channels come last.',
    );
  });

  it('says how large a picture must be for its kernel', () => {
    expect(() => new Conv2d(config).outputSize(5, 2)).toThrow(
      'expected at least 3 along each convolved axis, received 2.',
    );
  });

  it('checks the sizes of both axes', () => {
    expect(() => new Conv2d({ ...config, stride: [1, 0] })).toThrow('stride: expected a positive integer, received 0.');
  });
});
