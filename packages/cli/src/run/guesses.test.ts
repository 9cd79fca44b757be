import type { Model, Sample } from '@polymodal/core';
import { expect, it } from 'vitest';
import { guesses } from './guesses';

const config = {
  heads: {
    price: { use: 'regression' },
    colour: { use: 'classification', target: 'hue' },
    match: { use: 'contrastive' },
  },
} as unknown as Model['config'];

function data(targets: readonly Sample['targets'][]) {
  return { length: targets.length, get: (index: number): Sample => ({ targets: targets[index] }) };
}

it('guesses the most frequent class, the median and the mean of what was learned from', async () => {
  const train = data([
    { price: 1, hue: 'red' },
    { price: 9, hue: 'red' },
    { price: 2, hue: 'blue' },
    { hue: 'blue' },
    { hue: 'red' },
  ]);
  const test = data([{ price: 2, hue: 'blue' }, { price: 6, hue: 'red' }, { price: 10 }, { hue: 'blue' }]);
  expect(await guesses({ config }, train, test)).toEqual({
    price: { mae: (0 + 4 + 8) / 3, rmse: Math.sqrt((2 ** 2 + 2 ** 2 + 6 ** 2) / 3) }, // of the median 2 and the mean 4
    colour: { accuracy: 1 / 3 }, // of red
  });
});
