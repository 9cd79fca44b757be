import { RandomKey, useBackend } from '@polymodal/core';
import { train } from '@polymodal/trainer';
import { expect, it } from 'vitest';
import { gestureModel } from './gesture-model.js';
import { gestureSamples } from './gestures/gesture-samples.js';

it('learns gestures from motion and words, each of which helps the other', async () => {
  await useBackend();
  const key = RandomKey.from(3);
  const { subsets } = await train(gestureModel(), {
    data: gestureSamples(512, key.fold('train')),
    evaluate: gestureSamples(200, key.fold('test')),
    epochs: 6,
    batchSize: 64,
    learningRate: 8e-3,
    modalityDropout: 0.3,
    progress: false,
  });
  const accuracy = (subset: string) => subsets![subset].gesture.metrics.accuracy;
  // Chance is 0.25; four standard deviations above it, with 200 test samples, are 0.37.
  expect(accuracy('motion')).toBeGreaterThan(0.37);
  expect(accuracy('word')).toBeGreaterThan(0.37);
  expect(accuracy('motion+word')).toBeGreaterThan(Math.max(accuracy('motion'), accuracy('word')));
});
