import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';

const modes = [
  { name: '', alignCorners: false, halfPixelCenters: false },
  { name: ', aligned corners', alignCorners: true, halfPixelCenters: false },
  { name: ', half pixel centres', alignCorners: false, halfPixelCenters: true },
];

/** Resizing of images, and kernels over neighbouring channels. */
export const resizingCases: readonly KernelCase[] = [
  ...modes.flatMap(({ name, alignCorners, halfPixelCenters }) =>
    (
      [
        ['resizeBilinear', tf.image.resizeBilinear],
        ['resizeNearestNeighbor', tf.image.resizeNearestNeighbor],
      ] as const
    ).map(
      ([resizing, resize]): KernelCase => ({
        name: `${resizing}${name}`,
        // The cpu backend's gradients exchange height and width in their shape, read beyond the first image of a batch
        // in the wrong places, and pass over half pixel centres. All of that is tested in resize.test.ts.
        gradient: !halfPixelCenters,
        draws: 8,
        make: (random) => {
          const square = random.integer(alignCorners ? 2 : 1, 6); // the cpu's gradient never ends for one aligned pixel
          const isSquare = !halfPixelCenters;
          const [height, width] = isSquare ? [square, square] : [random.integer(1, 6), random.integer(1, 6)];
          const size: [number, number] = [random.integer(1, 9), random.integer(1, 9)];
          return {
            inputs: [random.floats([isSquare ? 1 : 2, height, width, random.integer(1, 3)])],
            apply: (x) => resize(x as tf.Tensor4D, size, alignCorners, halfPixelCenters),
          };
        },
      }),
    ),
  ),
  {
    name: 'resizing of integers',
    make: (random) => ({
      inputs: [random.integers([1, 3, 4, 2])],
      apply: (x) => [
        tf.image.resizeBilinear(x as tf.Tensor4D, [5, 7]),
        tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2, 9]),
      ],
    }),
  },
  {
    name: 'localResponseNormalization',
    gradient: true,
    draws: 6,
    make: (random) => {
      const radius = random.integer(0, 6);
      const [bias, alpha, beta] = [0.5 + random.unit(), random.unit(), random.unit()];
      return {
        inputs: [random.floats([2, 2, 3, random.integer(1, 7)])],
        apply: (x) => tf.localResponseNormalization(x as tf.Tensor4D, radius, bias, alpha, beta),
      };
    },
  },
  {
    name: 'flipLeftRight',
    make: (random) => ({
      inputs: [random.floats([2, 3, 4, 2])],
      apply: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    }),
  },
];
