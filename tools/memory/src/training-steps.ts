import * as tf from '@tensorflow/tfjs-core';

const [batch, length, width, classes] = [16, 12, 48, 5] as const;

/** A training step of a small Transformer layer, with other data at every turn, and an evaluation now and then. */
export function trainingSteps(): (index: number) => void {
  const shapes = [
    [width, 3 * width],
    [width, width],
    [width, 4 * width],
    [4 * width, width],
    [width, classes],
  ];
  const weights = shapes.map((shape, i) => tf.variable(tf.randomNormal(shape, 0, 0.1, 'float32', i + 1)));
  const [packed, out, up, down, head] = weights as unknown as tf.Tensor2D[];
  const optimizer = tf.train.adam(1e-3);

  const logits = (tokens: tf.Tensor3D): tf.Tensor2D => {
    const rows = tokens.shape[0];
    const flat = (x: tf.Tensor) => tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
    const split = tf.reshape(tf.matMul(flat(normalised(tokens)), packed!), [rows, length, 3, width]);
    const [query, key, value] = tf.unstack(split, 2) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const attention = tf.softmax(tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width)));
    const attended = tf.add(flat(tokens), tf.matMul(flat(tf.matMul(attention, value)), out!));
    const hidden = tf.add(attended, tf.matMul(tf.relu(tf.matMul(normalised(attended), up!)), down!));
    return tf.matMul(tf.mean(tf.reshape(hidden, [rows, length, width]), 1) as tf.Tensor2D, head!);
  };

  return (index) => {
    tf.tidy(() => {
      const tokens = tf.randomNormal([batch, length, width], 0, 1, 'float32', index + 1) as tf.Tensor3D;
      const labels = tf.oneHot(
        tf.tensor1d(Int32Array.from({ length: batch }, (_, i) => (i + index) % classes)),
        classes,
      );
      const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(tokens)) as tf.Scalar, true)!;
      if (!Number.isFinite(loss.dataSync()[0])) throw new RangeError(`The loss of step ${index} is not a number.`);
      if (index % 100 === 50) tf.argMax(logits(tf.slice(tokens, 0, 3)), 1).dataSync();
    });
  };
}

function normalised(x: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
}
