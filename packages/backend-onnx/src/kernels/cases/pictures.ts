import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

/** Image operations and sampling: kernels that the cpu backend computes. */
export const pictureCases: readonly KernelCase[] = [
  {
    name: 'cropAndResize',
    fallsBack: true,
    make: (random) => {
      const count = random.integer(1, 3);
      const size: [number, number] = [random.integer(1, 4), random.integer(1, 4)];
      const [method, fill] = [random.pick(['bilinear', 'nearest'] as const), random.pick([0, -1.5])];
      return {
        inputs: [
          random.floats([2, random.integer(1, 5), random.integer(1, 5), random.integer(1, 3)]),
          { ...random.floats([count, 4], -0.3, 1.3), dtype: 'float32' },
          random.integers([count], 0, 1),
        ],
        apply: (image, boxes, indices) =>
          tf.image.cropAndResize(
            image as tf.Tensor4D,
            boxes as tf.Tensor2D,
            indices as tf.Tensor1D,
            size,
            method,
            fill,
          ),
      };
    },
    leavesOpen: ['NaN', 'infinities'],
  },
  {
    name: 'dilation2d',
    gradient: true,
    fallsBack: true,
    make: (random) => {
      const channels = random.integer(1, 3);
      const [stride, padding] = [random.integer(1, 2), random.pick(['valid', 'same'] as const)];
      return {
        inputs: [
          random.distinct([random.integer(1, 2), random.integer(3, 6), random.integer(3, 6), channels]),
          random.distinct([random.integer(1, 3), random.integer(1, 3), channels]),
        ],
        apply: (x, filter) => tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, stride, padding),
      };
    },
  },
  {
    name: 'nonMaxSuppression, plain, with scores and padded',
    fallsBack: true,
    make: (random) => {
      const count = random.integer(1, 8);
      const [limit, overlap, score] = [random.integer(1, 6), random.unit(), random.unit() - 0.5];
      const [sigma, pads] = [random.unit(), random.pick([true, false])];
      const corners = random.floats([count, 2], 0, 1);
      const boxes = corners.values.flatMap((value, i) => (i % 2 === 0 ? [value, corners.values[i + 1]!] : []));
      return {
        inputs: [random.distinct([count])],
        apply: (scores) => {
          const places = tf.tensor2d(
            Array.from({ length: count }, (_, i) => [
              boxes[2 * i]!,
              boxes[2 * i + 1]!,
              boxes[2 * i]! + 0.5,
              boxes[2 * i + 1]! + 0.4,
            ]).flat(),
            [count, 4],
          );
          const { image } = tf;
          return [
            image.nonMaxSuppression(places, scores as tf.Tensor1D, limit, overlap, score),
            ...Object.values(
              image.nonMaxSuppressionWithScore(places, scores as tf.Tensor1D, limit, overlap, score, sigma),
            ),
            ...Object.values(image.nonMaxSuppressionPadded(places, scores as tf.Tensor1D, limit, overlap, score, pads)),
          ];
        },
      };
    },
    leavesOpen: ['NaN'],
  },
  {
    name: 'rotateWithOffset',
    fallsBack: true,
    make: (random) => {
      const [angle, fill] = [6 * random.unit(), random.pick([0, 0.7])];
      const center = random.pick<number | [number, number]>([0.5, [0.2, 0.9]]);
      return {
        inputs: [random.floats([random.integer(1, 2), random.integer(1, 5), random.integer(1, 5), 3])],
        apply: (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, angle, fill, center),
      };
    },
  },
  {
    name: 'transform',
    fallsBack: true,
    make: (random) => {
      const interpolation = random.pick(['nearest', 'bilinear'] as const);
      const mode = random.pick(['constant', 'reflect', 'wrap', 'nearest'] as const);
      const turn = () => 2 * random.unit() - 1;
      const matrix = [1 + turn(), turn(), turn(), turn(), 1 + turn(), turn(), turn() / 10, turn() / 10];
      return {
        inputs: [random.floats([1, random.integer(1, 5), random.integer(1, 5), 2])],
        apply: (x) => tf.image.transform(x as tf.Tensor4D, tf.tensor2d(matrix, [1, 8]), interpolation, mode, 0.5),
      };
    },
  },
  {
    name: 'multinomial with a seed',
    fallsBack: true,
    make: (random) => {
      const [samples, seed, normalized] = [random.integer(1, 9), random.integer(1, 99), random.pick([true, false])];
      return {
        inputs: [random.floats([random.integer(1, 3), random.integer(2, 5)], 0, 1)],
        apply: (x) => tf.multinomial(tf.cast(x!, 'float32') as tf.Tensor2D, samples, seed, normalized),
      };
    },
  },
  {
    name: 'draw, onto a canvas that keeps the bytes',
    fallsBack: true,
    make: (random) => ({
      inputs: [picture(random)],
      apply: (image) => tf.tensor1d([...drawn(image as tf.Tensor3D)], 'int32'),
    }),
  },
];

function picture(random: Random) {
  const shape = [random.integer(1, 3), random.integer(1, 3), random.pick([1, 3, 4])];
  return random.pick([true, false]) ? random.integers(shape, 0, 255) : { ...random.distinct(shape), ...unit(shape) };
}

/** As many floats as the shape has, rising from 0 to below 1. */
function unit(shape: readonly number[]) {
  const size = shape.reduce((product, length) => product * length, 1);
  return { values: Array.from({ length: size }, (_, i) => i / size) };
}

/** What the kernel Draw gives to a canvas; Node has neither that nor ImageData. */
function drawn(image: tf.Tensor3D): Uint8ClampedArray {
  let bytes = new Uint8ClampedArray();
  const context = {
    putImageData({ data }: { data: Uint8ClampedArray<ArrayBuffer> }) {
      bytes = data;
    },
  };
  Object.assign(globalThis, {
    ImageData: class {
      constructor(readonly data: Uint8ClampedArray) {}
    },
  });
  const canvas = { getContext: () => context };
  tf.engine().runKernel('Draw', { image }, { canvas: canvas as never });
  return bytes;
}
