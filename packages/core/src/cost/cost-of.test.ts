import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { composeModel } from '../compose-model';
import { SampleError } from '../errors';
import { createRegistry } from '../registry';
import { numbersPlugin } from '../testing/test-parts';
import { costOf } from './cost-of';

beforeAll(() => tf.ready());

const model = composeModel(createRegistry([numbersPlugin]), {
  hiddenSize: 2,
  encoders: { left: { use: 'numbers' }, right: { use: 'numbers' } },
  fusion: { use: 'sum' },
  heads: { total: { use: 'total' } },
});

it('costOf counts the parameters of each part, all that the model has', async () => {
  const { parameters } = await costOf(model, [{ left: [1, 2] }]);
  expect(parameters).toEqual({ 'encoders.left': 2, 'encoders.right': 2, fusion: 0, 'heads.total': 0 });
  const sizes = [...model.parameters().values()].map(({ size }) => size);
  expect(Object.values(parameters).reduce((sum, count) => sum + count)).toBe(sizes.reduce((sum, size) => sum + size));
});

it('costOf leaves no tensor behind, and says which sample cannot be read', async () => {
  const before = tf.memory().numTensors;
  await costOf(model, [{ left: [1, 2] }, { left: [3], right: [4] }]);
  expect(tf.memory().numTensors).toBe(before);
  const unreadable = costOf(model, [{ left: [1] }, { left: 'one' }]);
  await expect(unreadable).rejects.toThrow(SampleError);
  await expect(unreadable).rejects.toThrow('sample 1');
});
