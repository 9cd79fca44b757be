import { Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { EXCLUDED_LOGIT } from '../excluded-logit';
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectFiniteDifferences } from '../testing/finite-differences';
import { seededTensor } from '../testing/seeded-tensor';
import { gelu } from './gelu';
import { geluTanh } from './gelu-tanh';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { quickGelu } from './quick-gelu';
import { scaledDotProductAttention } from './scaled-dot-product-attention';
import { softmaxCrossEntropy } from './softmax-cross-entropy';
import { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy';

const functions: Readonly<
  Record<string, { readonly shapes: number[][]; readonly f: (...x: tf.Tensor[]) => tf.Tensor }>
> = {
  gelu: { shapes: [[3, 4]], f: (x) => gelu(x) },
  geluTanh: { shapes: [[3, 4]], f: (x) => geluTanh(x) },
  quickGelu: { shapes: [[3, 4]], f: (x) => quickGelu(x) },
  linear: {
    shapes: [[2, 3, 4], [5, 4], [5]],
    f: (x, weight, bias) => linear(x, weight as tf.Tensor2D, bias as tf.Tensor1D),
  },
  'linear without bias': {
    shapes: [
      [3, 4],
      [2, 4],
    ],
    f: (x, weight) => linear(x, weight as tf.Tensor2D),
  },
  layerNorm: {
    shapes: [[2, 3, 5], [5], [5]],
    f: (x, weight, bias) => layerNorm(x, weight as tf.Tensor1D, bias as tf.Tensor1D, 1e-5),
  },
  scaledDotProductAttention: {
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
      [1, 2, 3, 5],
    ],
    f: (query, key, value, bias) => {
      const excluded = tf.tensor([0, 0, 0, 0, EXCLUDED_LOGIT], [1, 1, 1, 5]);
      const [q, k, v] = [query, key, value] as tf.Tensor3D[];
      return scaledDotProductAttention(q, k, v, tf.add(bias, excluded), 2);
    },
  },
  softmaxCrossEntropy: {
    shapes: [[3, 4]],
    f: (logits) => softmaxCrossEntropy(logits, tf.softmax(seededTensor([3, 4], 5))),
  },
  sparseSoftmaxCrossEntropy: {
    shapes: [[2, 3, 4]],
    f: (logits) => sparseSoftmaxCrossEntropy(logits, tf.tensor2d([0, 3, 1, 2, 2, 0], [2, 3], 'int32')),
  },
};

describeOnEveryBackend('gradients written by hand', () => {
  it.each(Object.entries(functions))('of %s are what finite differences give', (_, { shapes, f }) => {
    const inputs = shapes.map((shape, i) => seededTensor(shape, i + 1));
    expectFiniteDifferences(new (class extends Module {})(), inputs, f);
  });
});
