import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { causalBias } from './causal-bias';
import { EXCLUDED_LOGIT } from './excluded-logit';
import { type KeyValueCache, slotPlaces } from './key-value-cache';
import { MultiHeadAttention } from './multi-head-attention';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { expectSameGradients } from './testing/expect-same-gradients';
import { seededTensor } from './testing/seeded-tensor';

const slots = 7;

/** 0 for slots up to that of each token, (1, 1, N, C). */
function causal(start: number, length: number): tf.Tensor4D {
  const rows = Array.from({ length }, (_, token) =>
    Array.from({ length: slots }, (_, slot) => (slot <= start + token ? 0 : EXCLUDED_LOGIT)),
  );
  return tf.tensor4d([[rows]]);
}

describeOnEveryBackend('MultiHeadAttention.decode', () => {
  it.each([
    ['as many heads', { numAttentionHeads: 3 }],
    ['heads in groups', { numAttentionHeads: 4, numKeyValueHeads: 2, headDim: 3 }],
    ['a scale of its own', { numAttentionHeads: 2, attentionScale: 0.9 }],
  ])('gives tokens in parts what forward gives all of them at once: %s', (_, heads) => {
    const layer = new MultiHeadAttention({ hiddenSize: 12, ...heads });
    initialize(layer, RandomKey.from(1));
    const tokens = seededTensor<tf.Tensor3D>([2, 5, 12]);
    const mask = tf.ones<tf.Rank.R2>([2, 5]);
    const bias = tf.slice(causal(0, 5), [0, 0, 0, 0], [1, 1, 5, 5]);
    const whole = layer.forward(tokens, tokens, mask, inferenceContext(), bias);

    const shape: [number, number, number, number] = [2, layer.numKeyValueHeads, slots, layer.headDim];
    let cache = { keys: tf.zeros<tf.Rank.R4>(shape), values: tf.zeros<tf.Rank.R4>(shape) };
    const parts: tf.Tensor[] = [];
    for (const [start, length] of [
      [0, 3],
      [3, 1],
      [4, 1],
    ]) {
      const places = slotPlaces([2, layer.numKeyValueHeads, length], start);
      const decoded = layer.decode(tf.slice(tokens, [0, start, 0], [2, length, 12]), cache, {
        places: tf.tensor2d(places, [places.length / 3, 3], 'int32'),
        bias: causal(start, length),
      });
      cache = decoded.cache;
      parts.push(decoded.attended);
    }
    expectClose(tf.concat(parts, 1).dataSync(), whole.dataSync(), 1e-6);
    expect(cache.keys.shape).toEqual(shape);
  });

  it.each([
    ['as many heads', { numAttentionHeads: 3 }],
    [
      'heads in groups, and a scale of its own',
      { numAttentionHeads: 4, numKeyValueHeads: 2, headDim: 3, attentionScale: 0.9 },
    ],
  ])('attends to keys and values that are kept as to the tokens that they are of: %s', (_, heads) => {
    const layer = new MultiHeadAttention({ hiddenSize: 12, keyValueSize: 5, ...heads });
    initialize(layer, RandomKey.from(1));
    layer.value.bias!.assignValues(RandomKey.from(2).normal(layer.value.bias!.size));
    layer.output.bias!.assignValues(RandomKey.from(3).normal(12));
    const query = seededTensor<tf.Tensor3D>([3, 4, 12]);
    const pictures = seededTensor<tf.Tensor3D>([3, 2, 5]);
    const mask = tf.tensor2d([
      [1, 1],
      [0, 1],
      [0, 0], // nothing to attend to
    ]);
    const kept = layer.keysAndValues(pictures, mask);
    const attended = layer.attendTo(query, kept, mask);
    expectClose(attended.dataSync(), layer.forward(query, pictures, mask, inferenceContext()).dataSync(), 1e-6);
  });
});

describeOnEveryBackend('MultiHeadAttention.extend', () => {
  it.each([
    ['as many heads', { numAttentionHeads: 3 }],
    [
      'heads in groups, and a scale of its own',
      { numAttentionHeads: 4, numKeyValueHeads: 2, headDim: 3, attentionScale: 0.9 },
    ],
  ])('gives tokens in parts what forward gives all of them at once, and the gradient: %s', (_, heads) => {
    const layer = new MultiHeadAttention({ hiddenSize: 12, ...heads });
    initialize(layer, RandomKey.from(1));
    const context = inferenceContext();
    const tokens = seededTensor<tf.Tensor3D>([2, 5, 12]);
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 0, 1, 1, 1, 1], [2, 5]); // the first token of the second row takes no part
    const excluded = tf.reshape<tf.Rank.R4>(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [2, 1, 1, 5]);
    const bias = tf.maximum<tf.Tensor4D>(tf.add(causalBias(5), excluded), EXCLUDED_LOGIT);
    const inParts = (x: tf.Tensor3D) => {
      let before: KeyValueCache | undefined;
      const parts = [0, 3].map((start, part) => {
        const length = [3, 2][part];
        const { attended, cache } = layer.extend(
          tf.slice(x, [0, start, 0], [2, length, 12]),
          before,
          {
            mask: tf.slice(mask, [0, start], [2, length]),
            bias: tf.slice(bias, [0, 0, start, 0], [2, 1, length, start + length]),
          },
          context,
        );
        before = cache;
        return attended;
      });
      return tf.concat(parts, 1);
    };
    expectSameGradients(
      [tokens],
      (x) => inParts(x as tf.Tensor3D),
      (x) => layer.forward(x as tf.Tensor3D, x as tf.Tensor3D, mask, context, causalBias(5)),
    );
  });
});
