import { inferenceContext, initialize, RandomKey, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { modalityBias } from './modality-bias';
import { MultiHeadAttention } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { seededTensor } from './testing/seeded-tensor';

const owners = (...rows: number[][]) => tf.tensor2d(rows, [rows.length, rows[0].length], 'int32');
/** Two tokens of the first modality, one of the second. */
const owner = owners([0, 0, 1]);

describe('modalityBias', () => {
  it('holds log(w) for each pair of tokens, by querying and attended modality', () => {
    const weights = tf.tensor2d([
      [1, 0.5],
      [0, 0.25],
    ]);
    const bias = modalityBias(weights, owner, owner);
    expect(bias.shape).toEqual([1, 1, 3, 3]);
    expectClose(
      bias.dataSync(),
      [0, 0, Math.log(0.5), 0, 0, Math.log(0.5), EXCLUDED_LOGIT, EXCLUDED_LOGIT, Math.log(0.25)],
      2 ** -24,
    );
  });

  it('leaves tokens of no modality at weight 1', () => {
    const bias = modalityBias(tf.tensor2d([[0]]), owners([-1, 0, -1]), owners([-1, 0, -1]));
    expect([...bias.dataSync()]).toEqual([0, 0, 0, 0, EXCLUDED_LOGIT, 0, 0, 0, 0]);
  });

  it('knows owners and weights that differ from row to row, and queries that are no keys', () => {
    const weights = tf.tensor3d([
      [
        [1, 0.5],
        [1, 1],
      ],
      [
        [1, 1],
        [0, 1],
      ],
    ]);
    const bias = modalityBias(weights, owners([0], [1]), owners([1, 0], [0, 1]));
    expect(bias.shape).toEqual([2, 1, 1, 2]);
    expectClose(bias.dataSync(), [Math.log(0.5), 0, EXCLUDED_LOGIT, 0], 2 ** -24);
  });

  it('refuses weights that are no square', () => {
    expect(() => modalityBias(tf.ones<tf.Rank.R2>([2, 3]), owner, owner)).toThrow(ShapeError);
  });
});

describeOnEveryBackend('modality weights', () => {
  const weights = [
    [0.3, 0.6],
    [0, 1],
  ];
  const ofToken = [0, 0, 1];
  const bias = () => modalityBias(tf.tensor2d(weights), owners(ofToken), owners(ofToken));

  it('multiply attention weights before they are normalised', () => {
    const layer = new MultiHeadAttention({ hiddenSize: 4, numAttentionHeads: 1 });
    initialize(layer, RandomKey.from(0));
    const x = seededTensor<tf.Tensor3D>([1, 3, 4]);
    const y = layer.forward(x, x, tf.ones([1, 3]), inferenceContext(), bias());

    const query = layer.query.forward(x).arraySync()[0];
    const key = layer.key.forward(x).arraySync()[0];
    const value = layer.value.forward(x).arraySync()[0];
    const attended = query.map((q, i) => {
      const shares = key.map(
        (k, j) => weights[ofToken[i]][ofToken[j]] * Math.exp(q.reduce((dot, qd, d) => dot + qd * k[d], 0) / 2),
      );
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
      return layer.forward(x, x, tf.ones([1, 3]), inferenceContext(), bias()).arraySync()[0];
    };
    expect(run(1)[2]).toEqual(run(2)[2]);
    expect(run(1)[0]).not.toEqual(run(2)[0]);
  });

  it('learn: the gradient of a weight is that of its logarithm over the tokens that it is between', () => {
    const own = tf.variable(tf.tensor2d(weights));
    const { grads } = tf.variableGrads(() => tf.sum(modalityBias(own, owners(ofToken), owners(ofToken))), [own]);
    // d/dw Σ log(w) = (pairs of tokens) / w, and 0 where the weight is 0: what is excluded stays so
    expectClose(Object.values(grads)[0].dataSync(), [4 / 0.3, 2 / 0.6, 0, 1], 1e-5);
  });
});
