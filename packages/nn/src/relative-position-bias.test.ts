import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { RelativePositionBias } from './relative-position-bias';

const buckets: Readonly<Record<string, readonly number[]>> = JSON.parse(
  readFileSync(new URL('../fixtures/relative-position-buckets.json', import.meta.url), 'utf8'),
);

beforeAll(() => tf.setBackend('cpu'));

it.each(Object.keys(buckets))('has distances share what they share in Python: %s', async (name) => {
  const [numBuckets, maxDistance] = name.split(' ').map(Number);
  const bidirectional = name.endsWith('True');
  const bias = new RelativePositionBias({ numAttentionHeads: 2, numBuckets, maxDistance, bidirectional });
  bias.weight.assignValues(Float32Array.from({ length: 2 * numBuckets }, (_, index) => index)); // 2 · bucket + head
  const far = maxDistance + 3; // the fixture's distances go from −far to far
  const keys = tf.reshape<tf.Rank.R2>(tf.range(0, 2 * far + 1, 1, 'int32'), [1, 2 * far + 1]);
  const given = bias.forward(tf.tensor2d([[far]], [1, 1], 'int32'), keys);
  expect(given.shape).toEqual([1, 2, 1, 2 * far + 1]);
  expect(await given.array()).toEqual([
    [[buckets[name].map((own) => 2 * own)], [buckets[name].map((own) => 2 * own + 1)]],
  ]);
});
