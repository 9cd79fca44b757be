import { RandomKey, useBackend } from '@polymodal/core';
import { expect, it } from 'vitest';
import { makeScenes } from '../data/make-scenes';
import { languages } from '../language/phrases';
import { plainScenes } from '../scene/edition';
import { type Method, scenesModel } from '../scenes-model';
import { attendedCells } from './attended-cells';

const [sample] = makeScenes({
  ...{ edition: plainScenes, questions: 1, languages: languages.slice(0, 1), split: 'test', scenes: 1 },
  key: RandomKey.from(3),
});

async function lookOf(method: Method) {
  await useBackend();
  const model = scenesModel(method, { edition: plainScenes, seed: 0 });
  try {
    return await attendedCells(model, sample);
  } finally {
    model.dispose();
  }
}

it('sees where fusions look that attend, and of others nothing', async () => {
  for (const method of ['late', 'co-attention'] as const) {
    const { cells, weights } = (await lookOf(method))!;
    expect([cells, weights.length]).toEqual([6, 36]);
    expect(Math.min(...weights)).toBeGreaterThan(0);
  }
  expect(await lookOf('film')).toBeUndefined();
});
