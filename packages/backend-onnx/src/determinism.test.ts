import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from './register-onnx-backend';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

const seeded = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 0.05, 'float32', seed);

/** Weights after three steps of a model large enough that ONNX Runtime uses several threads. */
function train(): Buffer[] {
  return tf.tidy(() => {
    const filter = tf.variable(seeded([3, 3, 8, 32], 1));
    const table = tf.variable(seeded([500, 256], 2));
    const packed = tf.variable(seeded([256, 768], 3));
    const image = seeded([4, 32, 32, 8], 4) as tf.Tensor4D;
    const ids = tf.tensor2d(
      Int32Array.from({ length: 4 * 128 }, (_, i) => (i * i) % 500),
      [4, 128],
      'int32',
    );
    const loss = () => {
      const features = tf.maxPool(tf.relu(tf.conv2d(image, filter as tf.Tensor4D, 1, 'same')), 3, 2, 'same');
      const words = tf.matMul(tf.reshape(tf.gather(table, ids), [-1, 256]), packed as tf.Tensor2D);
      const split = tf.transpose(tf.reshape(words, [4, 128, 3, 4, 64]), [2, 0, 3, 1, 4]);
      const [query, key, value] = tf.unstack(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const attended = tf.matMul(tf.softmax(tf.matMul(query, key, false, true)), value);
      return tf.add(tf.mean(tf.square(attended)), tf.mean(tf.square(features))) as tf.Scalar;
    };
    const optimizer = tf.train.adam(1e-3);
    for (let step = 0; step < 3; step++) optimizer.minimize(loss, true)!.dataSync();
    return [filter, table, packed].map((weight) => Buffer.from(weight.dataSync().buffer));
  });
}

describe('training with convolutions, pooling, embeddings and attention', () => {
  it('gives the same bytes every time', () => {
    const first = train();
    for (let run = 0; run < 3; run++) {
      train().forEach((bytes, i) => expect(bytes.equals(first[i]!)).toBe(true));
    }
  });
});
