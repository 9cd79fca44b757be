import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { MultiHeadAttention, type MultiHeadAttentionConfig } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<MultiHeadAttentionConfig, MultiHeadAttention>('grouped-query-attention', {
  create: (config) => new MultiHeadAttention(config),
  forward: (layer, { tokens, mask, cos, sin, attentionBias }, context) =>
    layer.forward(tokens as tf.Tensor3D, tokens as tf.Tensor3D, mask as tf.Tensor2D, context, attentionBias, {
      cos: cos as tf.Tensor3D,
      sin: sin as tf.Tensor3D,
    }),
});

describeOnEveryBackend('MultiHeadAttention with groups', () => {
  it('gives what as many heads give that are alike', () => {
    const config = { hiddenSize: 4, numAttentionHeads: 4, headDim: 2 };
    const grouped = new MultiHeadAttention({ ...config, numKeyValueHeads: 2 });
    initialize(grouped, RandomKey.from(0));
    const full = new MultiHeadAttention(config);
    for (const [path, parameter] of full.parameters()) {
      const value = grouped.parameters().get(path)!.value;
      const isShared = value.shape[0] !== parameter.shape[0];
      const rows = Array.from({ length: 8 }, (_, row) => Math.floor(row / 4) * 2 + (row % 2)); // heads 0, 0, 1, 1
      parameter.assign(isShared ? tf.gather(value, rows) : value);
    }
    const x = seededTensor<tf.Tensor3D>([2, 3, 4]);
    const [ours, theirs] = [grouped, full].map((layer) => layer.forward(x, x, tf.ones([2, 3]), inferenceContext()));
    expectClose(ours.dataSync(), theirs.dataSync(), 1e-6);
  });
});

describe('MultiHeadAttention with groups', () => {
  it('refuses heads of keys and values that do not share those of queries evenly', () => {
    expect(() => new MultiHeadAttention({ hiddenSize: 8, numAttentionHeads: 4, numKeyValueHeads: 3 })).toThrow(
      'numKeyValueHeads: expected a divisor of numAttentionHeads 4, received 3.',
    );
  });
});
