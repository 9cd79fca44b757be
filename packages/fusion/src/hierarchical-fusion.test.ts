import { type FusionDefinition, inferenceContext, initialize, parseConfig, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type HierarchicalFusion, hierarchical } from './hierarchical-fusion';
import { maskedTransformer } from './masked-transformer';
import { fixedBatch, fixedEncoders } from './testing/fixed-encoder';

const small = { numHiddenLayers: 2, numAttentionHeads: 1, intermediateSize: 12 };
const encoders = fixedEncoders({ depth: { image: 4, text: 2, audio: 3 } });
const batch = fixedBatch([['image', 'text', 'audio'], ['text'], ['image', 'audio']]);

function begun(definition: FusionDefinition, options: object) {
  const config = parseConfig(definition.config, { ...small, ...options }, 'fusion');
  const fusion = definition.create(config, { hiddenSize: 8, encoders });
  initialize(fusion, RandomKey.from(3)); // by the path of each parameter: those that two fusions share are alike
  return fusion;
}

const without = begun(maskedTransformer as FusionDefinition, {});
const expected = without.forward(encoders, batch, inferenceContext());

it.each([
  { crossAttention: false, gates: false, experts: false },
  { crossAttention: true, gates: false, experts: false },
  { crossAttention: false, gates: true, experts: false },
  { crossAttention: false, gates: false, experts: true },
  { crossAttention: true, gates: true, experts: true },
])(
  'hierarchical is at first masked-transformer, whichever levels are added: $crossAttention, $gates, $experts',
  (levels) => {
    const fusion = begun(hierarchical as FusionDefinition, levels) as HierarchicalFusion;
    const added = [...fusion.parameters().keys()].filter((path) => !without.parameters().has(path));
    const has = (prefix: RegExp) => added.some((path) => prefix.test(path));
    expect([has(/^exchanges/), has(/^feedForwards.*gates/), has(/^feedForwards.*experts/)]).toEqual(
      Object.values(levels),
    );

    const { tokens, pooled } = fusion.forward(encoders, batch, inferenceContext());
    const change = [tf.sub(tokens, expected.tokens), tf.sub(pooled, expected.pooled)].map(
      (own) => tf.max(tf.abs(own)).dataSync()[0],
    );
    expect(Math.max(...change)).toBeLessThanOrEqual(1e-7);
  },
);

it('hierarchical tells how far gates are open: half at first, and further as they learn', () => {
  const fusion = begun(hierarchical as FusionDefinition, {}) as HierarchicalFusion;
  const shares = () => fusion.forward(encoders, batch, inferenceContext()).usage!;
  expect(shares().image.arraySync()).toEqual([
    [0.5, 0.5],
    [0, 0],
    [0.5, 0.5],
  ]);
  fusion.feedForwards[1].gates.image.token.bias!.assignValues(Float32Array.of(Math.log(3)));
  for (const row of [0, 2]) expect(shares().image.arraySync()[row][1]).toBeCloseTo(0.75, 6);
  expect(shares().text.arraySync()[1]).toEqual([0.5, 0.5]);
});
