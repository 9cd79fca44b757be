import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { draw } from '../testing/exported-models';
import { compile } from './compile';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

/** x · Wᵀ as it is defined: rows of W by a scale of their own, x by one and a place of 0, products of whole numbers, scaled back. */
function naiveProduct(x: number[][], weight: number[][]): number[][] {
  const all = x.flat();
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  const scale = (high - low) / 255;
  const zero = Math.round(-low / scale);
  const rounded = x.map((row) =>
    row.map((value) => Math.min(255, Math.max(0, Math.round(value / scale) + zero)) - zero),
  );
  return rounded.map((row) =>
    weight.map((own) => {
      const ofRow = Math.max(...own.map(Math.abs)) / 127;
      return row.reduce((sum, value, i) => sum + value * Math.round(own[i]! / ofRow), 0) * scale * ofRow;
    }),
  );
}

describe('compile with int8', () => {
  it('computes products with weights in integers of 8 bits, and nothing else', () => {
    const weight = tf.variable(draw([5, 7], 1) as tf.Tensor2D);
    const bias = tf.variable(draw([5], 2) as tf.Tensor1D);
    const x = draw([3, 7], 3) as tf.Tensor2D;
    const fn = ({ x }: tf.NamedTensorMap) =>
      tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(x!, [-1, 7]), weight as tf.Tensor2D, false, true), bias);
    const [exact, compiled] = [compile(fn), compile(fn, { precision: 'int8', dynamicAxes: { x: { 0: 'rows' } } })];
    const product = naiveProduct(x.arraySync(), (weight as tf.Tensor2D).arraySync());
    const biases = bias.dataSync();
    const actual = compiled({ x }).arraySync() as number[][];
    product.forEach((row, i) =>
      row.forEach((value, j) => expect(Math.abs(actual[i]![j]! - value - biases[j]!)).toBeLessThan(1e-5)),
    );
    const difference = tf.max(tf.abs(tf.sub(exact({ x }), compiled({ x })))).arraySync() as number;
    expect(difference).toBeGreaterThan(1e-5);
    expect(difference).toBeLessThan(0.05);
    exact.dispose();
    compiled.dispose();
  });
});
