import { expect, it } from 'vitest';
import { composeModel } from './compose-model';
import { StateError } from './errors';
import { holdModel } from './hold-model';
import { createRegistry } from './registry';
import { numbersPlugin } from './testing/test-parts';

const compose = () =>
  composeModel(createRegistry([numbersPlugin]), {
    hiddenSize: 2,
    encoders: { left: { use: 'numbers' } },
    fusion: { use: 'sum' },
    heads: { total: { use: 'total' } },
  });

it('a model is held by one at a time, who is named to others, and keeps its adapters meanwhile', () => {
  const [model, other] = [compose(), compose()];
  const release = holdModel(model, 'train');
  holdModel(other, 'train')();
  expect(() => holdModel(model, 'tune')).toThrow(StateError);
  expect(() => holdModel(model, 'tune')).toThrow(/^tune: .* a call of train is at work on\./);
  expect(() => model.mergeAdapters()).toThrow(/^mergeAdapters: /);
  release();
  model.mergeAdapters();
  holdModel(model, 'tune')();
  const unmerge = model.mergeAdapters({ keep: true });
  expect(() => holdModel(model, 'tune')).toThrow('Put its adapters on again first');
  unmerge();
  holdModel(model, 'tune')();
});
