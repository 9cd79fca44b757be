import { inferenceContext, initialize, type Parameter, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { CrossModalAttention, type OwnedTokens } from './cross-modal-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { seededTensor } from './testing/seeded-tensor';

const context = inferenceContext();

/** Rows of tokens (width 4) with their owners; −2 is padding. */
function owned(owners: number[][], seed: number, width = 4): OwnedTokens {
  const shape: [number, number] = [owners.length, owners[0].length];
  return {
    tokens: seededTensor<tf.Tensor3D>([...shape, width], seed),
    mask: tf.tensor2d(
      owners.map((row) => row.map((own) => (own === -2 ? 0 : 1))),
      shape,
    ),
    owner: tf.tensor2d(
      owners.map((row) => row.map((own) => Math.max(own, -1))),
      shape,
      'int32',
    ),
  };
}

function create(numAttentionHeads = 2): CrossModalAttention {
  const layer = new CrossModalAttention({ hiddenSize: 4, keyValueSize: 6, numAttentionHeads });
  initialize(layer, RandomKey.from(3));
  for (const [path, parameter] of layer.parameters()) {
    parameter.assignValues(RandomKey.from(4).fold(path).normal(parameter.size));
  }
  return layer;
}

/** Keys all alike, so that a query attends to each by its interaction weight alone. */
function alike(owners: number[][]): OwnedTokens {
  const keys = owned(owners, 1, 6);
  return { ...keys, tokens: tf.add(tf.zerosLike(keys.tokens), 0.3) };
}

describe('CrossModalAttention', () => {
  const weights = tf.tensor2d([
    [0.5, 0.25],
    [0, 1],
  ]);

  it('uses modalities whose tokens are alike in proportion to their interaction weights', () => {
    const query = owned([[0], [1], [-1]], 2);
    const keys = alike([
      [0, 0, 1, -1],
      [0, 0, 1, -1],
      [0, 0, 1, -1],
    ]);
    const usage = create().usage(query, keys, weights, 2);
    // of the first modality 0.5 twice, 0.25 and 1; of the second 0 twice, 1 and 1; of none 1 each
    const expected = [1 / 2.25, 0.25 / 2.25, 0, 1 / 2, 2 / 4, 1 / 4];
    expectClose(usage.dataSync(), expected, 1e-6);
  });

  it('counts each query that takes part alike, and padded keys not at all', () => {
    const query = owned([[0, 1, -2]], 2);
    const usage = create().usage(query, alike([[0, 1, -2]]), weights, 2);
    // the first query: 0.5 and 0.25, the second: 0 and 1
    expectClose(usage.dataSync(), [(2 / 3 + 0) / 2, (1 / 3 + 1) / 2], 1e-6);
  });

  it('takes weights of each row', () => {
    const query = owned([[0], [0]], 2);
    const byRow = tf.tensor3d([
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 0.5],
        [1, 1],
      ],
    ]);
    const usage = create().usage(
      query,
      alike([
        [0, 1],
        [0, 1],
      ]),
      byRow,
      2,
    );
    expectClose(usage.dataSync(), [1 / 2, 1 / 2, 2 / 3, 1 / 3], 1e-6);
  });

  it('attends to the value 0 where all modalities of a row are excluded, and uses none', () => {
    const layer = create();
    const query = owned([[1, 1]], 2);
    const keys = owned([[0, 0]], 5, 6);
    const attended = layer.forward(query, keys, weights, context);
    const bias = layer.attention.output.bias!.value.arraySync();
    expectClose(attended.dataSync(), [...bias, ...bias], 1e-7);
    expect([...layer.usage(query, keys, weights, 2).dataSync()]).toEqual([0, 0]);
  });

  it('is plain attention without weights, and with weights of 1', () => {
    const layer = create();
    const query = owned([[0, 1]], 2);
    const keys = owned([[0, 1, 0]], 5, 6);
    const plain = layer.attention.forward(query.tokens, keys.tokens, keys.mask, context).dataSync();
    expectClose(layer.forward(query, keys, undefined, context).dataSync(), plain, 1e-6);
    expectClose(layer.forward(query, keys, tf.ones<tf.Rank.R2>([2, 2]), context).dataSync(), plain, 1e-6);
  });
});

describeOnEveryBackend('CrossModalAttention', () => {
  const owners = {
    query: [
      [0, 1, -1],
      [1, 0, -2],
    ],
    key: [
      [1, 0, 0, -1],
      [0, 1, -2, -2],
    ],
  };
  const given = [
    [0.7, 0.2],
    [0, 0.9],
  ];

  it('agrees with a naive loop over heads, queries and keys', () => {
    const layer = create();
    const query = owned(owners.query, 2);
    const keys = owned(owners.key, 5, 6);
    const attended = layer.forward(query, keys, tf.tensor2d(given), context).arraySync();
    const naive = naively(layer, query, keys, given);
    const valid = (row: number, token: number) => owners.query[row][token] !== -2;
    attended.forEach((tokens, row) => {
      tokens.forEach((token, at) => {
        if (valid(row, at)) expectClose(token, naive.attended[row][at], 1e-5);
      });
    });
    expectClose(layer.usage(query, keys, tf.tensor2d(given), 2).dataSync(), naive.usage.flat(), 1e-6);
  });

  it('has gradients of its weights that agree with differences', () => {
    const layer = create();
    const query = owned(owners.query, 2);
    const keys = owned(owners.key, 5, 6);
    const loss = (weights: tf.Tensor2D) => tf.sum(tf.square(layer.forward(query, keys, weights, context))) as tf.Scalar;
    const own = tf.variable(tf.tensor2d(given));
    const gradient = Object.values(tf.variableGrads(() => loss(own), [own]).grads)[0].arraySync() as number[][];
    expect(gradient[1][0]).toBe(0); // excluded
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ]) {
      const at = (step: number) => {
        const moved = given.map((row, a) => row.map((w, b) => (a === i && b === j ? w + step : w)));
        return loss(tf.tensor2d(moved)).dataSync()[0];
      };
      const step = 0.02; // the curvature that it leaves, and roundings of float32, stay below a hundredth
      const difference = (at(step) - at(-step)) / (2 * step);
      expect(Math.abs(gradient[i][j] - difference)).toBeLessThan(0.01 * Math.max(1, Math.abs(difference)));
    }
  });
});

/** What each query gets, and how much of it of each modality, in float64. */
function naively(layer: CrossModalAttention, query: OwnedTokens, keys: OwnedTokens, weights: number[][]) {
  const { attention } = layer;
  const heads = attention.numAttentionHeads;
  const [q, k] = [query, keys].map(({ tokens }) => tokens.arraySync());
  const [queryOwner, keyOwner] = [query.owner.arraySync(), keys.owner.arraySync()];
  const [queryMask, keyMask] = [query.mask.arraySync(), keys.mask.arraySync()];
  const usage = q.map(() => weights.map(() => 0));
  const attended = q.map((tokens, row) =>
    tokens.map((token, n) => {
      const projected = apply(attention.query, token);
      const out = new Array<number>(projected.length).fill(0);
      for (let head = 0; head < heads; head++) {
        const own = (vector: number[]) => vector.slice((head * 4) / heads, ((head + 1) * 4) / heads);
        const shares = k[row].map((key, m) => {
          if (keyMask[row][m] === 0) return 0;
          const [from, to] = [queryOwner[row][n], keyOwner[row][m]];
          const weight = from < 0 || to < 0 ? 1 : weights[from][to];
          const dot = own(apply(attention.key, key)).reduce((sum, x, d) => sum + x * own(projected)[d], 0);
          return weight * Math.exp(dot / Math.sqrt(4 / heads));
        });
        const total = shares.reduce((sum, share) => sum + share, 0);
        shares.forEach((share, m) => {
          if (share === 0) return;
          own(apply(attention.value, k[row][m])).forEach((x, d) => {
            out[(head * 4) / heads + d] += (share / total) * x;
          });
          const queries = queryMask[row].reduce((sum, part) => sum + part, 0);
          if (queryMask[row][n] === 1 && keyOwner[row][m] >= 0)
            usage[row][keyOwner[row][m]] += share / total / heads / queries;
        });
      }
      return apply(attention.output, out);
    }),
  );
  return { attended, usage };
}

function apply({ weight, bias }: { weight: Parameter; bias: Parameter | undefined }, x: number[]): number[] {
  const offsets = bias!.value.arraySync() as number[];
  return (weight.value.arraySync() as number[][]).map((row, out) =>
    row.reduce((sum, w, i) => sum + w * x[i], offsets[out]),
  );
}
