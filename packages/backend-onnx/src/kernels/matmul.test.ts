import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { Random } from './cases/random';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

const flags = [false, true];

// The cpu backend of TensorFlow.js returns too few values here, so a naive loop is the judge.
describe('matMul with batches that broadcast both ways', () => {
  for (const transposeA of flags) {
    for (const transposeB of flags) {
      it(`agrees with a naive loop, transposeA=${transposeA}, transposeB=${transposeB}`, () => {
        const random = new Random(7);
        const [m, k, n] = [3, 5, 4];
        const a = random.floats([2, 1, ...(transposeA ? [k, m] : [m, k])], -1, 1).values;
        const b = random.floats([1, 3, ...(transposeB ? [n, k] : [k, n])], -1, 1).values;
        const expected: number[] = [];
        for (let p = 0; p < 2; p++) {
          for (let q = 0; q < 3; q++) {
            for (let i = 0; i < m; i++) {
              for (let j = 0; j < n; j++) {
                let sum = 0;
                for (let l = 0; l < k; l++) {
                  const x = a[p * m * k + (transposeA ? l * m + i : i * k + l)]!;
                  const y = b[q * k * n + (transposeB ? j * k + l : l * n + j)]!;
                  sum += x * y;
                }
                expected.push(sum);
              }
            }
          }
        }
        const product = tf.matMul(
          tf.tensor4d([...a], [2, 1, ...((transposeA ? [k, m] : [m, k]) as [number, number])]),
          tf.tensor4d([...b], [1, 3, ...((transposeB ? [n, k] : [k, n]) as [number, number])]),
          transposeA,
          transposeB,
        );
        expect(product.shape).toEqual([2, 3, m, n]);
        // Five products of numbers below 1, each rounded to 24 bits.
        product.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
      });
    }
  }
});
