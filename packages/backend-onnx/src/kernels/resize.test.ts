import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerOnnxBackend } from '../register-onnx-backend';
import { Random } from './cases/random';

beforeAll(async () => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
});

const modes = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
];

describe('gradients of resizing', () => {
  // Resizing is linear, R(x): its gradient G satisfies ⟨R(v), w⟩ = ⟨v, G(w)⟩ for every image v and every w.
  for (const { alignCorners, halfPixelCenters } of modes) {
    for (const [name, resize] of [
      ['resizeBilinear', tf.image.resizeBilinear],
      ['resizeNearestNeighbor', tf.image.resizeNearestNeighbor],
    ] as const) {
      it(`are the transpose of ${name}, alignCorners=${alignCorners}, halfPixelCenters=${halfPixelCenters}`, () => {
        for (let draw = 1; draw <= 6; draw++) {
          const random = new Random(draw);
          const size: [number, number] = [random.integer(1, 9), random.integer(1, 9)];
          const shape = [random.integer(1, 3), random.integer(1, 6), random.integer(1, 6), random.integer(1, 3)];
          const [x, v] = [random.floats(shape), random.floats(shape)].map(({ values }) =>
            tf.tensor(values as number[], shape),
          );
          const run = (image: tf.Tensor) => resize(image as tf.Tensor4D, size, alignCorners, halfPixelCenters);
          const w = random.floats([shape[0]!, ...size, shape[3]!]);
          const weights = tf.tensor(w.values as number[], w.shape);
          const gradient = tf.grad((image) => tf.sum(tf.mul(run(image), weights)))(x!);
          expect(gradient.shape).toEqual(shape);
          const forward = tf.sum(tf.mul(run(v!), weights)).dataSync()[0]!;
          const backward = tf.sum(tf.mul(gradient, v!)).dataSync()[0]!;
          // Two sums of up to 700 products below 9, each rounded to 24 bits.
          expect(Math.abs(forward - backward)).toBeLessThan(1e-3);
        }
      });
    }
  }
});
