import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Conv1d, type Conv1dConfig } from './conv1d';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectFiniteDifferences } from './testing/finite-differences';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<Conv1dConfig, Conv1d>('conv1d', {
  create: (config) => new Conv1d(config),
  forward: (layer, { x }) => {
    const y = layer.forward(x as tf.Tensor3D);
    expect(layer.outputLength(x.shape[1]!)).toBe(y.shape[1]);
    return y;
  },
});

describeOnEveryBackend('Conv1d', () => {
  it.each([
    { name: 'stride and padding', options: { stride: 2, padding: 1 } },
    { name: 'groups and dilation', options: { groups: 2, dilation: 2 } },
    { name: 'groups, stride and padding', options: { groups: 2, stride: 2, padding: 1 } },
    { name: 'depthwise', options: { groups: 4 } },
  ])('has the gradient that finite differences give: $name', ({ options }) => {
    const layer = new Conv1d({ inChannels: 4, outChannels: 4, kernelSize: 3, ...options });
    expectFiniteDifferences(layer, [seededTensor<tf.Tensor3D>([1, 6, 4])], (x) => layer.forward(x));
  });
});

describe('Conv1d', () => {
  const config = { inChannels: 4, outChannels: 6, kernelSize: 3 };

  it('says that channels come last', () => {
    expect(() => new Conv1d(config).forward(tf.zeros([2, 4, 8]))).toThrow(
      'Conv1d input: expected shape [B, L, 4], received [2, 4, 8]. Channels come last.',
    );
  });

  it('says how long a sequence must be for its kernel', () => {
    expect(() => new Conv1d({ ...config, dilation: 2, padding: 1 }).outputLength(2)).toThrow(
      'convolution input: expected at least 3 along each convolved axis, received 2.',
    );
  });

  it('refuses groups that do not divide the channels', () => {
    expect(() => new Conv1d({ ...config, groups: 4 })).toThrow(
      'groups: expected a divisor of inChannels 4 and outChannels 6, received 4.',
    );
  });

  it.each(['kernelSize', 'stride', 'dilation', 'groups', 'inChannels', 'outChannels'])('refuses 0 as %s', (name) => {
    expect(() => new Conv1d({ ...config, [name]: 0 })).toThrow(`${name}: expected a positive integer, received 0.`);
  });

  it('refuses negative padding', () => {
    expect(() => new Conv1d({ ...config, padding: -1 })).toThrow('padding: expected an integer ≥ 0, received -1.');
  });
});
