import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectClose } from '../testing/expect-close';
import { adamStep } from './adam-step';

const [beta1, beta2, learningRate, epsilon] = [0.9, 0.99, 0.01, 1e-3];

/** Algorithm 1 of Kingma and Ba 2015 for one number, as it is printed there. */
function reference(gradients: readonly number[]): number {
  let [theta, m, v] = [0, 0, 0];
  gradients.forEach((g, i) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const [mean, variance] = [m / (1 - beta1 ** (i + 1)), v / (1 - beta2 ** (i + 1))];
    theta -= (learningRate * mean) / (Math.sqrt(variance) + epsilon);
  });
  return theta;
}

describeOnEveryBackend('adamStep', () => {
  it('walks as the published algorithm does', () => {
    const gradients = [
      [1, -2, 0],
      [0.5, -2, 0],
      [-3, 1e-3, 1e-4],
    ];
    let theta: tf.Tensor = tf.zeros([3]);
    let moments = { first: tf.zeros([3]) as tf.Tensor, second: tf.zeros([3]) as tf.Tensor };
    gradients.forEach((gradient, i) => {
      const scale = Math.sqrt((1 - beta2 ** (i + 1)) / (1 - beta2));
      const rate = tf.scalar((learningRate * scale * (1 - beta1)) / (1 - beta1 ** (i + 1)));
      const { step, ...next } = adamStep(tf.tensor1d(gradient), moments, {
        beta1,
        beta2,
        rate,
        epsilon: tf.scalar(epsilon * scale),
      });
      theta = tf.sub(theta, step);
      moments = next;
    });
    const expected = [0, 1, 2].map((j) => reference(gradients.map((gradient) => gradient[j])));
    expectClose(theta.dataSync(), Float32Array.from(expected), 1e-6);
  });
});
