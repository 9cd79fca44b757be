import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { modalityBias } from './modality-bias';
import { MultiHeadAttention } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { seededTensor } from './testing/seeded-tensor';

const spans = { image: [0, 2], text: [2, 3] } as const;

describe('modalityBias', () => {
  it('holds log(w) for each pair of tokens, by querying and attended modality', () => {
    const bias = modalityBias({ image: { text: 0.5 }, text: { image: 0, text: 0.25 } }, spans);
    expect(bias.shape).toEqual([1, 1, 3, 3]);
    expectClose(
      bias.dataSync(),
      [0, 0, Math.log(0.5), 0, 0, Math.log(0.5), EXCLUDED_LOGIT, EXCLUDED_LOGIT, Math.log(0.25)],
      2 ** -24,
    );
  });

  it('leaves tokens outside all spans at weight 1', () => {
    const bias = modalityBias({ text: { text: 0 } }, { text: [1, 2] }, 3);
    expect([...bias.dataSync()]).toEqual([0, 0, 0, 0, EXCLUDED_LOGIT, 0, 0, 0, 0]);
  });

  it.each([-0.1, 1.5, Number.NaN])('refuses the weight %s', (weight) => {
    expect(() => modalityBias({ image: { text: weight } }, spans)).toThrow(
      `modality weights, image.text: expected a weight in [0, 1], received ${weight}.`,
    );
  });

  it('suggests the nearest modality', () => {
    expect(() => modalityBias({ image: { txt: 1 } }, spans)).toThrow(/received "txt".*"text"/);
  });
});

describeOnEveryBackend('modality weights', () => {
  const weights = { image: { image: 0.3, text: 0.6 }, text: { image: 0, text: 1 } };
  const perToken = [
    [0.3, 0.3, 0.6],
    [0.3, 0.3, 0.6],
    [0, 0, 1],
  ];

  it('multiply attention weights before they are normalised', () => {
    const layer = new MultiHeadAttention({ hiddenSize: 4, numAttentionHeads: 1 });
    initialize(layer, RandomKey.from(0));
    const x = seededTensor<tf.Tensor3D>([1, 3, 4]);
    const y = layer.forward(x, x, tf.ones([1, 3]), inferenceContext(), modalityBias(weights, spans));

    const query = layer.query.forward(x).arraySync()[0];
    const key = layer.key.forward(x).arraySync()[0];
    const value = layer.value.forward(x).arraySync()[0];
    const attended = query.map((q, i) => {
      const shares = key.map((k, j) => perToken[i][j] * Math.exp(q.reduce((dot, qd, d) => dot + qd * k[d], 0) / 2));
      const total = shares.reduce((sum, share) => sum + share, 0);
      return q.map((_, d) => shares.reduce((sum, share, j) => sum + (share / total) * value[j][d], 0));
    });
    const expected = layer.output.forward(tf.tensor3d([attended]));
    expectClose(y.dataSync(), expected.dataSync(), 1e-6); // a few roundings of float32 at values of order 1
  });

  it('of 0 keep even a change of the excluded modality out, to the last bit', () => {
    const layer = new MultiHeadAttention({ hiddenSize: 4, numAttentionHeads: 2 });
    initialize(layer, RandomKey.from(0));
    const text = seededTensor([1, 1, 4], 9);
    const run = (seed: number) => {
      const x = tf.concat([seededTensor([1, 2, 4], seed), text], 1) as tf.Tensor3D;
      return layer.forward(x, x, tf.ones([1, 3]), inferenceContext(), modalityBias(weights, spans)).arraySync()[0];
    };
    expect(run(1)[2]).toEqual(run(2)[2]);
    expect(run(1)[0]).not.toEqual(run(2)[0]);
  });
});
