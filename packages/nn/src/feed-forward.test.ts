import { initialize, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { FeedForward, type FeedForwardConfig } from './feed-forward';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<FeedForwardConfig, FeedForward>('feed-forward', {
  create: (config) => new FeedForward(config),
  forward: (layer, { x }, context) => layer.forward(x, context),
});

describe('FeedForward', () => {
  it('drops values of its result in training', () => {
    const layer = new FeedForward({ hiddenSize: 64, intermediateSize: 8, hiddenDropout: 0.5 });
    initialize(layer, RandomKey.from(0));
    const y = layer.forward(seededTensor([4, 64]), trainingContext(RandomKey.from(1), layer)).dataSync();
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(dropped).toBeGreaterThan(0.4); // 0.5 ± 3 · sqrt(0.25 / 256)
    expect(dropped).toBeLessThan(0.6);
  });

  it('drops values between its layers in training', () => {
    const layer = new FeedForward({ hiddenSize: 4, intermediateSize: 1, hiddenAct: 'relu', activationDropout: 0.5 });
    for (const parameter of layer.parameters().values())
      parameter.assignValues(new Float32Array(parameter.size).fill(1));
    const y = layer.forward(tf.ones([256, 4]), trainingContext(RandomKey.from(1), layer)).dataSync();
    expect(new Set(y)).toEqual(new Set([1, 1 + 2 * 5])); // 4 ones and the bias, dropped or doubled
  });

  it('refuses a rate that is none', () => {
    expect(() => new FeedForward({ hiddenSize: 4, intermediateSize: 8, hiddenDropout: -0.1 })).toThrow(
      'hiddenDropout: expected a rate in [0, 1), received -0.1.',
    );
  });
});
