import { inferenceContext, initialize, parseConfig, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { mean } from './mean-fusion';
import { fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';
import { type WeightedFusion, weighted } from './weighted-fusion';

const encoders = fixedEncoders();
const rows: TestModality[][] = [['text', 'audio'], ['image'], ['image', 'text', 'audio']];
const batch = fixedBatch(rows);
const config = parseConfig(weighted.config, { numHiddenLayers: 1 }, 'fusion');
const fusion = weighted.create(config, { hiddenSize: 8, encoders }) as WeightedFusion;
initialize(fusion, RandomKey.from(1));

it('weighted is at first the mean', () => {
  const average = mean.create(config, { hiddenSize: 8, encoders });
  initialize(average, RandomKey.from(1));
  const [actual, expected] = [fusion, average].map((own) => pooledRows(own, encoders, batch).flat());
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);
});

it('weighted shares out what it has learned among the modalities that a row has', () => {
  const learned = { image: Math.log(2), text: Math.log(3), audio: 0 };
  for (const [slot, value] of Object.entries(learned)) fusion.logits[slot].assignValues(Float32Array.of(value));
  const { usage, tokens, pooled } = fusion.forward(encoders, batch, inferenceContext());
  const expected = { image: [0, 1, 2 / 6], text: [3 / 4, 0, 3 / 6], audio: [1 / 4, 0, 1 / 6] };
  for (const [slot, shares] of Object.entries(expected)) {
    usage![slot].arraySync().forEach(([share], row) => {
      expect(share).toBeCloseTo(shares[row], 6);
    });
  }
  const vectors = tokens.arraySync(); // of the modalities, in their order
  const joint = rows.map((_, row) =>
    vectors[row][0].map((_, d) =>
      Object.values(expected).reduce((sum, shares, m) => sum + shares[row] * vectors[row][m][d], 0),
    ),
  );
  const through = fusion.mlp.forward(tf.tensor2d(joint), inferenceContext()).dataSync();
  expect(Math.max(...Array.from(pooled.dataSync(), (value, i) => Math.abs(value - through[i])))).toBeLessThan(1e-5);
});
