import { initialize, RandomKey, setTrainable } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BatchNorm } from './batch-norm';
import { describeParity } from './testing/parity';

describeParity<{ size: number; eps: number }, BatchNorm>('batch-norm', {
  create: ({ size, eps }) => new BatchNorm(size, eps),
  forward: (norm, { x }) => norm.forward(x),
});

describe('BatchNorm', () => {
  it('lets no gradient flow to the statistics', () => {
    const norm = new BatchNorm(2);
    initialize(norm, RandomKey.from(0));
    const variables = [norm.runningMean, norm.runningVar, norm.weight].map(({ value }) => value);
    const { grads } = tf.variableGrads(() => tf.sum(norm.forward(tf.tensor2d([[1, 2]]))) as tf.Scalar, variables);
    expect(variables.map(({ name }) => [...grads[name].dataSync()].some((value) => value !== 0))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('has running statistics that are never trained', () => {
    const norm = new BatchNorm(2);
    setTrainable(norm, ['weight', 'bias', 'runningMean', 'runningVar'], true);
    const trained = [...norm.parameters()].filter(([, { trainable }]) => trainable).map(([path]) => path);
    expect(trained).toEqual(['weight', 'bias']);
  });

  it('says what it takes', () => {
    expect(() => new BatchNorm(2).forward(tf.zeros([1, 3]))).toThrow('BatchNorm input: expected shape […, 2]');
    expect(() => new BatchNorm(0)).toThrow('BatchNorm size');
    expect(() => new BatchNorm(2, -1)).toThrow('BatchNorm eps');
  });
});
