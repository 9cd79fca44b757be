import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Random } from '../kernels/cases/random';
import { expectClose } from '../testing/same-as-cpu';

/** Every optimiser of TensorFlow.js, with the options that change what it computes. */
const makers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.05, 0.9),
  'momentum, as Nesterov has it': () => tf.train.momentum(0.05, 0.9, true),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.5, 0.9),
  adam: () => tf.train.adam(0.05),
  adamax: () => tf.train.adamax(0.05, 0.9, 0.99, 1e-8, 0.01),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  // TensorFlow.js subtracts ε from the variance: a larger one makes it negative.
  'rmsprop, centred': () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-12, true),
};

const draw = (seed: number, shape: number[]) => tf.tensor([...new Random(seed).floats(shape, -0.5, 0.5).values], shape);

/** Losses and weights at every one of 20 steps, and at the end everything that the optimiser keeps. */
async function trajectory(optimizer: tf.Optimizer): Promise<number[]> {
  const [weight, bias] = [tf.variable(draw(90, [4, 3])), tf.variable(draw(92, [3]))];
  const [x, y] = [draw(91, [6, 4]), draw(93, [6, 3])];
  const numbers: number[] = [];
  for (let step = 0; step < 20; step++) {
    const loss = optimizer.minimize(
      () => tf.mean(tf.square(tf.sub(tf.tanh(tf.add(tf.matMul(x, weight), bias)), y))) as tf.Scalar,
      true,
    )!;
    numbers.push(loss.dataSync()[0]!, ...weight.dataSync(), ...bias.dataSync());
  }
  // Adamax cannot tell.
  const state = optimizer.getClassName() === 'Adamax' ? [] : await optimizer.getWeights();
  for (const { tensor } of state) numbers.push(...tensor.dataSync());
  optimizer.dispose();
  return numbers;
}

describe('over 20 steps an optimiser goes the way that it goes on the cpu backend', () => {
  for (const [name, make] of Object.entries(makers)) {
    it(name, async () => {
      const numbers = await expectClose(() => trajectory(make()), 1e-5);
      expect(numbers[19 * 16]).toBeLessThan(numbers[0]!); // the loss, first of 16 numbers a step
    });
  }
});
