import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Random } from './kernels/cases/random';
import { expectClose } from './testing/same-as-cpu';

function draw(seed: number, shape: number[], scale = 0.5): tf.Tensor {
  return tf.tensor([...new Random(seed).floats(shape, -scale, scale).values], shape);
}

function gradientsOf(loss: () => tf.Scalar, parameters: tf.Variable[]): number[] {
  const { value, grads } = tf.variableGrads(loss, parameters);
  return [value, ...parameters.map(({ name }) => grads[name]!)].flatMap((tensor) => [...tensor.dataSync()]);
}

describe('gradients agree with the cpu backend', () => {
  it('of a multi-layer perceptron with cross-entropy', () =>
    expectClose(() => {
      const weights = [[6, 9], [9], [9, 4], [4]].map((shape, i) => tf.variable(draw(i, shape)));
      const [w1, b1, w2, b2] = weights as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
      const labels = tf.oneHot(tf.tensor1d([0, 3, 1, 2, 2], 'int32'), 4);
      return gradientsOf(() => {
        const hidden = tf.relu(tf.add(tf.matMul(draw(9, [5, 6]) as tf.Tensor2D, w1 as tf.Tensor2D), b1));
        return tf.losses.softmaxCrossEntropy(labels, tf.add(tf.matMul(hidden, w2), b2)) as tf.Scalar;
      }, weights);
    }));

  it('of masked self-attention with layer normalisation and GELU', () =>
    expectClose(() => {
      const [batch, length, width, heads] = [2, 5, 8, 2];
      const shapes = [[width, 3 * width], [width, width], [width], [width], [width, 16], [16, width]];
      const weights = shapes.map((shape, i) => tf.variable(draw(i + 20, shape)));
      const [qkv, out, gain, shift, up, down] = weights as tf.Tensor[];
      const mask = tf.tensor([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [batch, 1, 1, length]);
      const normalise = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain!), shift!);
      };
      const linear = (x: tf.Tensor, w: tf.Tensor) =>
        tf.reshape(tf.matMul(tf.reshape(x, [-1, w.shape[0]!]), w), [batch, length, w.shape[1]!]);
      return gradientsOf(() => {
        const x = draw(40, [batch, length, width]);
        const split = tf.transpose(
          tf.reshape(linear(normalise(x), qkv!), [batch, length, 3, heads, width / heads]),
          [2, 0, 3, 1, 4],
        );
        const [query, key, value] = tf.unstack(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const logits = tf.where(tf.cast(mask, 'bool'), tf.mul(tf.matMul(query, key, false, true), 0.5), -1e9);
        const attended = tf.reshape(tf.transpose(tf.matMul(tf.softmax(logits), value), [0, 2, 1, 3]), [
          batch,
          length,
          width,
        ]);
        const residual = tf.add(x, linear(attended, out!));
        const inner = linear(normalise(residual), up!);
        const gelu = tf.mul(tf.mul(inner, 0.5), tf.add(tf.erf(tf.mul(inner, Math.SQRT1_2)), 1));
        return tf.mean(tf.square(tf.add(residual, linear(gelu, down!)))) as tf.Scalar;
      }, weights as tf.Variable[]);
    }));

  it('of a convolutional network with pooling and embeddings', () =>
    expectClose(() => {
      const weights = [[3, 3, 2, 4], [4], [7, 4]].map((shape, i) => tf.variable(draw(i + 60, shape)));
      const [filter, bias, table] = weights as tf.Tensor[];
      const ids = tf.tensor1d([1, 5, 5, 0], 'int32');
      return gradientsOf(() => {
        const x = draw(70, [2, 8, 6, 2]) as tf.Tensor4D;
        const features = tf.elu(tf.add(tf.conv2d(x, filter as tf.Tensor4D, 2, 'same'), bias!)) as tf.Tensor4D;
        const pooled = tf.mean(tf.maxPool(features, 2, 1, 'same'), [1, 2]); // (2, 4)
        const words = tf.gather(table!, ids); // (4, 4)
        return tf.mean(tf.logSoftmax(tf.matMul(pooled, words as tf.Tensor2D, false, true))) as tf.Scalar;
      }, weights as tf.Variable[]);
    }));

  it('of a gradient', () =>
    expectClose(() => {
      const f = (x: tf.Tensor) => tf.sum(tf.mul(tf.sin(x), tf.exp(x)));
      return [
        ...tf
          .grad((x) => tf.sum(tf.square(tf.grad(f)(x))))(draw(80, [6]))
          .dataSync(),
      ];
    }));
});

describe('inside a gradient scope', () => {
  it('an operation without gradient throws as on the cpu backend', async () => {
    for (const name of ['cpu', 'onnx']) {
      await tf.setBackend(name);
      expect(() => tf.grad((x) => tf.einsum('i,i->', x, x))(tf.tensor1d([1, 2]))).toThrow(/gradient/i);
    }
  });
});
