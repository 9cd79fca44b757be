import { Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { StartingPoint } from './starting-point';

it('adds to gradients of encoders α · (w − w⁰), those of adapters apart', () => {
  const paths = ['encoders.text.weight', 'encoders.text.query.adapter.loraA', 'heads.tone.weight'];
  const parameters = paths.map((path) => {
    const parameter = new Parameter([2], () => new Float32Array());
    parameter.assignValues(Float32Array.of(1, -2));
    return { path, parameter, learningRate: 1, weightDecay: 0 };
  });
  const start = new StartingPoint(parameters, 0.5);
  for (const { parameter } of parameters) parameter.assignValues(Float32Array.of(4, 0));
  const gradients = Object.fromEntries(paths.map((path) => [path, tf.tensor1d([0.25, 1])]));
  const pulled = start.pulled(gradients);
  expect(paths.map((path) => [...pulled[path].dataSync()])).toEqual([
    [0.25 + 0.5 * 3, 1 + 0.5 * 2],
    [0.25, 1],
    [0.25, 1],
  ]);
  start.dispose();
});
