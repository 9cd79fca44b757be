import { inferenceContext, initialize, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { MultiHeadAttention, type MultiHeadAttentionConfig } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { expectFiniteDifferences } from './testing/finite-differences';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<MultiHeadAttentionConfig, MultiHeadAttention>('multi-head-attention', {
  create: (config) => new MultiHeadAttention(config),
  forward: (layer, { query, keyValue, mask, attentionBias }, context) =>
    layer.forward(query as tf.Tensor3D, keyValue as tf.Tensor3D, mask as tf.Tensor2D, context, attentionBias),
});

const config = { hiddenSize: 4, numAttentionHeads: 2 };

function attention(options: Partial<MultiHeadAttentionConfig> = {}): MultiHeadAttention {
  const layer = new MultiHeadAttention({ ...config, ...options });
  initialize(layer, RandomKey.from(0));
  layer.output.bias?.assignValues(Float32Array.of(0.5, -1, 2, 0.25));
  return layer;
}

describeOnEveryBackend('MultiHeadAttention', () => {
  const context = inferenceContext();

  it.each([
    { name: 'without a bias', bias: undefined },
    { name: 'with an attention bias', bias: [0.5, -1, 0, 0.25, 2, 1] },
  ])('has the gradient that finite differences give, $name', ({ bias }) => {
    const layer = new MultiHeadAttention({ ...config, keyValueSize: 3 });
    const mask = tf.tensor2d([[1, 1, 0]]);
    const query = seededTensor<tf.Tensor3D>([1, 2, 4]);
    const keyValue = seededTensor<tf.Tensor3D>([1, 3, 3]);
    if (bias) {
      const logits = tf.tensor4d(bias, [1, 1, 2, 3]);
      expectFiniteDifferences(layer, [query, keyValue, logits] as const, (q, kv, added) =>
        layer.forward(q, kv, mask, context, added),
      );
    } else {
      expectFiniteDifferences(layer, [query, keyValue] as const, (q, kv) => layer.forward(q, kv, mask, context));
    }
  });

  it('gives the bias of the output projection where a row has nothing to attend to', () => {
    const layer = attention();
    const x = seededTensor<tf.Tensor3D>([2, 3, 4]);
    const mask = tf.tensor2d([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    const [empty, attended] = layer.forward(x, x, mask, context).arraySync();
    for (const token of empty) expect(token).toEqual([0.5, -1, 2, 0.25]);
    expect(attended[0]).not.toEqual(empty[0]);
  });

  it('gives exactly 0 there without a bias', () => {
    const x = seededTensor<tf.Tensor3D>([1, 3, 4]);
    const y = attention({ bias: false }).forward(x, x, tf.zeros([1, 3]), context);
    expect([...y.dataSync()].map(Math.abs)).toEqual(new Array(12).fill(0));
  });

  it('lets no gradient through there but that of the output bias', () => {
    const layer = attention();
    const { grads } = tf.variableGrads(() => {
      const x = seededTensor<tf.Tensor3D>([1, 3, 4]);
      return tf.sum(layer.forward(x, x, tf.zeros([1, 3]), context)) as tf.Scalar;
    });
    for (const [path, parameter] of layer.parameters()) {
      const expected = path === 'output.bias' ? 3 : 0; // three tokens, each with weight 1
      for (const value of grads[parameter.value.name].dataSync()) expect(Math.abs(value), path).toBe(expected);
    }
  });

  it('tells queries apart: those whose keys the bias excludes get 0, the others attend', () => {
    const layer = attention();
    const x = seededTensor<tf.Tensor3D>([1, 2, 4]);
    const bias = tf.tensor4d([EXCLUDED_LOGIT, 0, EXCLUDED_LOGIT, 0], [1, 1, 2, 2]);
    const nothingLeft = layer.forward(x, x, tf.tensor2d([[1, 0]]), context, bias).arraySync()[0];
    expect(nothingLeft).toEqual([
      [0.5, -1, 2, 0.25],
      [0.5, -1, 2, 0.25],
    ]);
    const perQuery = tf.tensor4d([EXCLUDED_LOGIT, EXCLUDED_LOGIT, 0, 0], [1, 1, 2, 2]);
    const [first, second] = layer.forward(x, x, tf.ones([1, 2]), context, perQuery).arraySync()[0];
    expect(first).toEqual([0.5, -1, 2, 0.25]);
    expect(second).not.toEqual(first);
  });

  it('is not moved by one bit by what stands at masked keys, forward or gradient', () => {
    const layer = attention();
    const mask = tf.tensor2d([[1, 1, 0, 0]]);
    const run = (garbage: number[]) => {
      const keyValue = tf.variable(
        tf.concat([seededTensor([1, 2, 4]), tf.tensor3d(garbage, [1, 2, 4])], 1),
      ) as tf.Variable<tf.Rank.R3>;
      const query = seededTensor<tf.Tensor3D>([1, 3, 4], 5);
      const parameters = [...layer.parameters().values()].map((parameter) => parameter.value);
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.square(layer.forward(query, keyValue, mask, context))) as tf.Scalar,
        [...parameters, keyValue],
      );
      const input = [...grads[keyValue.name].dataSync()];
      keyValue.dispose();
      return {
        value: value.dataSync()[0],
        input,
        parameters: parameters.map(({ name }) => [...grads[name].dataSync()]),
      };
    };
    const clean = run(new Array(8).fill(0));
    expect(clean.value).toBeGreaterThan(0);
    expect(clean.input.slice(8).map(Math.abs)).toEqual(new Array(8).fill(0));
    expect(run([1e30, -1e30, 1e30, 1e30, -1e30, 1e30, 1e30, -1e30])).toEqual(clean);
    expect(run([1, 2, 3, 4, 5, 6, 7, 8])).toEqual(clean);
  });

  it('gives a row of a batch what the row alone gives', () => {
    const layer = attention();
    const x = seededTensor<tf.Tensor3D>([3, 4, 4]);
    const mask = tf.tensor2d([
      [1, 1, 1, 1],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    const together = layer.forward(x, x, mask, context);
    for (let row = 0; row < 3; row++) {
      const tokens = tf.slice(x, [row, 0, 0], [1, 4, 4]);
      const alone = layer.forward(tokens, tokens, tf.slice(mask, [row, 0], [1, 4]), context);
      // The same sums of at most four terms, perhaps in another order.
      expectClose(tf.slice(together, [row, 0, 0], [1, 4, 4]).dataSync(), alone.dataSync(), 1e-6);
    }
  });

  it('drops attention weights in training, and draws one key for it', () => {
    const layer = attention({ attentionDropout: 0.5 });
    const x = seededTensor<tf.Tensor3D>([2, 8, 4]);
    const run = (seed: number) => [
      ...layer.forward(x, x, tf.ones([2, 8]), trainingContext(RandomKey.from(seed), layer)).dataSync(),
    ];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});

describe('MultiHeadAttention', () => {
  const layer = attention();
  const x = seededTensor<tf.Tensor3D>([2, 3, 4]);

  it('names the numbers of heads that divide the width', () => {
    expect(() => new MultiHeadAttention({ hiddenSize: 12, numAttentionHeads: 5 })).toThrow(
      'numAttentionHeads: expected a divisor of hiddenSize 12, received 5. These divide it: 1, 2, 3, 4, 6, 12.',
    );
  });

  it('refuses a negative rate of dropout', () => {
    expect(() => new MultiHeadAttention({ ...config, attentionDropout: -1 })).toThrow(
      'attentionDropout: expected a rate in [0, 1), received -1.',
    );
  });

  it.each([
    { what: 'query', query: [2, 3, 5], keyValue: [2, 3, 4], mask: [2, 3], says: 'query: expected shape [B, Nq, 4]' },
    {
      what: 'keyValue',
      query: [2, 3, 4],
      keyValue: [1, 3, 4],
      mask: [2, 3],
      says: 'keyValue: expected shape [2, Nk, 4]',
    },
    { what: 'mask', query: [2, 3, 4], keyValue: [2, 5, 4], mask: [2, 3], says: 'mask: expected shape [2, 5]' },
  ])('says which shape it expects of $what', ({ query, keyValue, mask, says }) => {
    const run = () =>
      layer.forward(
        tf.zeros<tf.Rank.R3>(query as [number, number, number]),
        tf.zeros<tf.Rank.R3>(keyValue as [number, number, number]),
        tf.ones<tf.Rank.R2>(mask as [number, number]),
        inferenceContext(),
      );
    expect(run).toThrow(says);
  });

  it('says which attention bias fits', () => {
    expect(() => layer.forward(x, x, tf.ones([2, 3]), inferenceContext(), tf.zeros([3, 4]))).toThrow(
      'attentionBias: expected a shape that broadcasts to [B, H, Nq, Nk] = [2, 2, 3, 3], received [3, 4].',
    );
  });
});
