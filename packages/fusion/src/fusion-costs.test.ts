import { readFileSync } from 'node:fs';
import {
  type FusionDefinition,
  inferenceContext,
  initialize,
  multiplyAddsOf,
  parseConfig,
  RandomKey,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { fusion as plugin } from './plugin';
import { fixedBatch, fixedEncoders } from './testing/fixed-encoder';

beforeAll(() => tf.ready());

/** Tokens and widths of the test's encoders, which cost nothing themselves, and the width of the fusion. */
const modalities = [
  { n: 1, e: 6 },
  { n: 2, e: 4 },
  { n: 3, e: 5 },
];
const sum = (of: (modality: { n: number; e: number }) => number) =>
  modalities.reduce((total, own) => total + of(own), 0);
const [d, inner, rows] = [8, 12, 2];
const tokens = sum(({ n }) => n);
const perceptron = { numHiddenLayers: 1, intermediateSize: inner };
const transformer = { ...perceptron, numAttentionHeads: 1 };

/** A layer over so many tokens of a width, and one in which so many attend to others. */
const selfLayer = (count: number, width: number, between: number) =>
  count * (4 * width * width + 2 * count * width + 2 * width * between);
const crossLayer = (queries: number, width: number, keys: number, keyWidth: number) =>
  2 * queries * width * width + 2 * keys * keyWidth * width + 2 * queries * keys * width + 8 * queries * width * width;
const project = sum(({ n, e }) => n * e * d);
const projectPooled = sum(({ e }) => e * d);
const mlp = 2 * d * inner;
/** The mean of so many of a width, as a product with weights. */
const mean = (count: number, width: number) => count * width;
const join = project + projectPooled + mean(3, d);

const costs: [use: string, config: object, ofRow: number][] = [
  ['none', {}, 0],
  ['concat', perceptron, projectPooled + 3 * d * d + mlp],
  ['mean', perceptron, projectPooled + mean(3, d) + mlp],
  ['weighted', perceptron, projectPooled + mlp],
  ['gated', perceptron, projectPooled + 3 * 15 * d + mlp],
  ['tensor', { ...perceptron, vectorSize: 3 }, sum(({ e }) => e * 3) + 4 ** 3 * d + mlp],
  ['low-rank', { ...perceptron, rank: 2 }, sum(({ e }) => e * 2 * d) + mlp],
  [
    'perceiver',
    { ...transformer, numLatents: 4 },
    project + 2 * 4 * d * d + 2 * (tokens + 4) * d * d + 2 * 4 * (tokens + 4) * d + 4 * mlp,
  ],
  ['masked-transformer', transformer, project + selfLayer(1 + tokens, d, inner)],
  ['early', transformer, project + selfLayer(1 + tokens, d, inner)],
  ['film', { condition: 'text' }, join + 4 * 2 * (6 + 5)],
  [
    'film',
    { condition: 'text', mutual: true },
    join + 4 * 2 * (6 + 5) + 2 * 4 * (6 * 6 + 5 * 5) + mean(1, 6) + mean(3, 5),
  ],
  [
    'bottleneck',
    { numAttentionHeads: 1, numBottlenecks: 2, after: [1, 2] },
    join + sum(({ n, e }) => 2 * (2 * d * e + selfLayer(n + 2, e, 4 * e)) + 2 * e * d),
  ],
  [
    'cross-attention',
    { numAttentionHeads: 1, attends: { text: ['image', 'audio'] }, after: [1] },
    join + 1 * 6 * d + 3 * 5 * d + crossLayer(2, 4, 1 + 3, d),
  ],
  [
    'hierarchical',
    { ...transformer, crossAttention: false, experts: true },
    project + selfLayer(1 + tokens, d, inner) + tokens * (d + 2 * d * inner) + 3 * d,
  ],
];

it.each(costs)('%s costs what its equations say', async (use, config, ofRow) => {
  const encoders = fixedEncoders({ depth: use === 'bottleneck' ? 2 : 1 });
  const definition = plugin.fusions!.find(({ name }) => name === use) as FusionDefinition;
  const fusion = definition.create(parseConfig(definition.config, config, 'fusion'), { hiddenSize: d, encoders });
  initialize(fusion, RandomKey.from(0));
  const batch = fixedBatch(Array.from({ length: rows }, () => ['image', 'text', 'audio']));
  expect(await multiplyAddsOf(() => fusion.forward(encoders, batch, inferenceContext()))).toBe(rows * ofRow);
});

it('README tells of each what it costs by default', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const table = readme
    .slice(readme.indexOf('## What they cost'))
    .matchAll(/^\| `([a-z-]+)` +\| +([\d,]+) +\| +([\d,]+) +\|$/gm);
  const told = Object.fromEntries([...table].map(([, name, ...counts]) => [name, counts]));

  const width = 64;
  const lengths = { image: 65, text: 32 };
  const encoders = fixedEncoders({
    modalities: ['image', 'text'],
    widths: { image: width, text: width, audio: width },
    depth: 4,
  });
  const modalities = Object.fromEntries(
    Object.entries(lengths).map(([slot, length]) => [
      slot,
      { rows: Int32Array.of(0), features: { tokens: tf.ones([1, length, width]), mask: tf.ones([1, length]) } },
    ]),
  );
  const counted: Record<string, string[]> = {};
  for (const [use] of costs) {
    const definition = plugin.fusions!.find(({ name }) => name === use) as FusionDefinition;
    const options = use === 'film' ? { condition: 'text' } : {};
    const config = parseConfig(definition.config, options, 'fusion');
    const fusion = definition.create(config, { hiddenSize: width, encoders });
    initialize(fusion, RandomKey.from(0));
    const parameters = [...fusion.parameters().values()].reduce((total, { size }) => total + size, 0);
    const forward = () => fusion.forward(encoders, { size: 1, modalities, targets: {} }, inferenceContext());
    counted[use] = [parameters, await multiplyAddsOf(forward)].map((count) => count.toLocaleString('en'));
  }
  expect(told).toEqual(counted);
});
