import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { EXCLUDED_LOGIT } from '../excluded-logit';
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectSameGradients } from '../testing/expect-same-gradients';
import { seededTensor } from '../testing/seeded-tensor';
import { scaledDotProductAttention } from './scaled-dot-product-attention';

const [batch, queries, keys, width, heads] = [2, 3, 4, 6, 2];

/** Head by head and row by row, out of slices. */
function reference(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, bias: tf.Tensor, keep?: tf.Tensor): tf.Tensor {
  const size = width / heads;
  const biases = tf.broadcastTo(bias, [batch, heads, queries, keys]);
  const rows = Array.from({ length: batch }, (_, row) => {
    const outputs = Array.from({ length: heads }, (_, head) => {
      const part = (x: tf.Tensor) => {
        const slice = tf.slice(x, [row, 0, head * size], [1, x.shape[1] as number, size]);
        return tf.reshape<tf.Rank.R2>(slice, [x.shape[1] as number, size]);
      };
      const square = (x: tf.Tensor) =>
        tf.reshape<tf.Rank.R2>(tf.slice(x, [row, head, 0, 0], [1, 1, queries, keys]), [queries, keys]);
      const logits = tf.div<tf.Tensor2D>(tf.matMul(part(query), tf.transpose(part(key))), Math.sqrt(size));
      const weights = tf.softmax(tf.add<tf.Tensor2D>(logits, square(biases)));
      return tf.matMul(keep ? tf.mul<tf.Tensor2D>(weights, square(keep)) : weights, part(value));
    });
    return tf.concat(outputs, 1);
  });
  return tf.stack(rows);
}

describeOnEveryBackend('scaledDotProductAttention', () => {
  const inputs = () => [
    seededTensor([batch, queries, width], 1),
    seededTensor([batch, keys, width], 2),
    seededTensor([batch, keys, width], 3),
  ];
  const attend = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, bias: tf.Tensor, keep?: tf.Tensor) =>
    scaledDotProductAttention(
      query as tf.Tensor3D,
      key as tf.Tensor3D,
      value as tf.Tensor3D,
      bias,
      heads,
      keep as tf.Tensor4D | undefined,
    );

  it.each([
    { shape: [1] },
    { shape: [keys] },
    { shape: [batch, 1, 1, keys] },
    { shape: [heads, queries, 1] },
    { shape: [batch, heads, queries, keys] },
  ])('attends as a loop over rows and heads does, with the gradient of a bias $shape', ({ shape }) => {
    expectSameGradients([...inputs(), seededTensor(shape, 4)], attend, reference);
  });

  it('drops weights forward and in the gradient', () => {
    const kept = Float32Array.from({ length: batch * heads * queries * keys }, (_, i) => (i % 3 === 0 ? 0 : 1.5));
    const keep = tf.tensor(kept, [batch, heads, queries, keys]);
    expectSameGradients(
      [...inputs(), tf.zeros([1])],
      (q, k, v, bias) => attend(q, k, v, bias, keep),
      (q, k, v, bias) => reference(q, k, v, bias, keep),
    );
  });

  it('gives exactly 0, and passes no gradient, where all keys are excluded', () => {
    const bias = tf.tensor4d(
      [EXCLUDED_LOGIT, EXCLUDED_LOGIT, EXCLUDED_LOGIT, EXCLUDED_LOGIT, 0, 0, 0, 0],
      [2, 1, 1, 4],
    );
    const [excluded, attended] = attend(
      ...(inputs() as [tf.Tensor, tf.Tensor, tf.Tensor]),
      bias,
    ).arraySync() as number[][][];
    expect(excluded.flat().every((value) => value === 0)).toBe(true);
    expect(attended.flat().every((value) => value !== 0)).toBe(true);
    for (const gradient of tf.grads((q, k, v) => attend(q, k, v, bias))(inputs())) {
      const [none, some] = gradient.arraySync() as number[][][];
      expect(none.flat().every((value) => value === 0)).toBe(true);
      expect(some.flat().some((value) => value !== 0)).toBe(true);
    }
  });
});
