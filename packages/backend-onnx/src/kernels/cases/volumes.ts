import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

type Triple = [number, number, number];

function triple(random: Random, low: number, high: number): Triple {
  return [random.integer(low, high), random.integer(low, high), random.integer(low, high)];
}

/** Convolutions and poolings of three dimensions, with gradients. */
export const volumeCases: readonly KernelCase[] = [
  {
    name: 'conv3d',
    gradient: true,
    draws: 6,
    make: (random) => {
      const [filter, stride, size] = [triple(random, 1, 3), triple(random, 1, 2), triple(random, 4, 6)];
      const [channels, outputs] = [random.integer(1, 3), random.integer(1, 3)];
      const padding = random.pick(['valid', 'same'] as const);
      return {
        inputs: [random.floats([2, ...size, channels], -1, 1), random.floats([...filter, channels, outputs], -1, 1)],
        apply: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, padding),
      };
    },
  },
  {
    name: 'conv3d, dilated',
    draws: 2,
    make: (random) => ({
      inputs: [random.floats([1, 6, 7, 6, 2], -1, 1), random.floats([2, 3, 2, 2, 3], -1, 1)],
      apply: (x, w) => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, 'valid', 'NDHWC', [2, 1, 3]),
    }),
  },
  {
    name: 'conv3dTranspose',
    draws: 2,
    make: (random) => ({
      inputs: [random.floats([1, 3, 2, 3, 2], -1, 1), random.floats([2, 3, 2, 3, 2], -1, 1)],
      apply: (x, w) => tf.conv3dTranspose(x as tf.Tensor5D, w as tf.Tensor5D, [1, 6, 4, 6, 3], 2, 'same'),
    }),
  },
  ...(
    [
      ['maxPool3d', tf.maxPool3d],
      ['avgPool3d', tf.avgPool3d],
    ] as const
  ).map(
    ([name, pool]): KernelCase => ({
      name,
      gradient: true,
      draws: 6,
      make: (random) => {
        const [side, stride, size] = [random.integer(1, 3), triple(random, 1, 2), triple(random, 4, 6)];
        // The cpu backend's gradient confuses the places in windows that are higher than wide.
        const filter: Triple = [random.integer(1, 3), side, side];
        const padding = random.pick(['valid', 'same'] as const);
        return {
          inputs: [random.distinct([2, ...size, random.integer(1, 3)])],
          apply: (x) => pool(x as tf.Tensor5D, filter, stride, padding),
        };
      },
    }),
  ),
];
