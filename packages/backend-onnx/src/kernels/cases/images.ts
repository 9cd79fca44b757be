import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];

function window(random: Random, dilated = false) {
  const filter: [number, number] = [random.integer(1, 4), random.integer(1, 3)];
  const stride: [number, number] = dilated ? [1, 1] : [random.integer(1, 3), random.integer(1, 3)];
  const dilation: [number, number] = dilated ? [random.integer(1, 2), 2] : [1, 1];
  const before = filter.map((size) => random.integer(0, size - 1));
  const padding = random.pick<Padding>([
    'valid',
    'same',
    random.integer(0, 2),
    [
      [0, 0],
      [before[0]!, random.integer(0, filter[0] - 1)],
      [before[1]!, random.integer(0, filter[1] - 1)],
      [0, 0],
    ],
  ]);
  const size = [random.integer(8, 12), random.integer(8, 12)] as const;
  return { filter, stride, dilation, padding, size };
}

const explicit = (padding: Padding) => padding as 'valid';

/** Convolutions and poolings over random windows, with gradients. */
export const imageCases: readonly KernelCase[] = [
  // TensorFlow.js has no gradients for dilated convolutions.
  ...[false, true].map(
    (dilated): KernelCase => ({
      name: dilated ? 'conv2d, dilated' : 'conv2d',
      gradient: !dilated,
      draws: 14,
      make: (random) => {
        const { filter, stride, dilation, padding, size } = window(random, dilated);
        const [channels, outputs] = [random.integer(1, 4), random.integer(1, 4)];
        return {
          inputs: [
            random.floats([random.size(1, 2), ...size, channels], -1, 1),
            random.floats([...filter, channels, outputs], -1, 1),
          ],
          apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, explicit(padding), 'NHWC', dilation),
        };
      },
    }),
  ),
  {
    name: 'conv2d of channels in blocks of 8 or 16, and in none, over more than a thousand positions',
    gradient: true,
    draws: 4,
    make: (random) => {
      const { filter, padding } = window(random);
      const channels = () => random.pick([4, 7, 12, 16, 20, 24] as const);
      const [inputs, outputs] = [channels(), channels()];
      const stride = random.integer(1, 2);
      return {
        inputs: [
          random.floats([2, 26 * stride, 27 * stride, inputs], -0.2, 0.2), // small, since a filter's gradient has a thousand terms
          random.floats([...filter, inputs, outputs], -1, 1),
        ],
        apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, explicit(padding)),
      };
    },
  },
  {
    name: 'conv2d whose filter gradient is summed over pieces of the batch',
    gradient: true,
    draws: 1,
    make: (random) => ({
      inputs: [random.floats([3, 24, 24, 76], -1, 1), random.floats([3, 3, 76, 2], -1, 1)], // columns of 1,181,952 elements
      apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
    }),
  },
  {
    name: 'conv2d of patches (stride = filter)',
    gradient: true,
    draws: 3,
    make: (random) => ({
      inputs: [random.floats([2, 8, 8, 3], -1, 1), random.floats([4, 4, 3, 5], -1, 1)],
      apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 4, 'valid'),
    }),
  },
  {
    name: 'conv2d with a large filter',
    gradient: true,
    draws: 3,
    make: (random) => {
      const stride = random.integer(1, 3);
      return {
        inputs: [random.floats([2, 12, 11, 2], -1, 1), random.floats([7, 6, 2, 3], -1, 1)],
        apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, 'same'),
      };
    },
  },
  {
    name: 'conv2d, pointwise',
    gradient: true,
    draws: 2,
    make: (random) => ({
      inputs: [random.floats([2, 4, 5, 3], -1, 1), random.floats([1, 1, 3, 6], -1, 1)],
      apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
    }),
  },
  {
    name: 'conv2d and its gradients, channels first',
    gradient: true,
    draws: 4,
    make: (random) => {
      const { filter, stride, size } = window(random);
      const padding = random.pick(['valid', 'same', 1] as const);
      return {
        inputs: [random.floats([2, 3, ...size], -1, 1), random.floats([...filter, 3, 4], -1, 1)],
        apply: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, padding, 'NCHW'),
      };
    },
  },
  ...(['relu', 'prelu'] as const).map(
    (activation): KernelCase => ({
      name: `fused.conv2d with bias and ${activation}, channels first`,
      draws: 2,
      make: (random) => ({
        inputs: [
          random.floats([1, 3, 7, 6], -1, 1),
          random.floats([3, 2, 3, 4], -1, 1),
          random.floats([4]),
          random.floats([4]),
        ],
        apply: (x, w, bias, slopes) =>
          tf.fused.conv2d({
            x: x as tf.Tensor4D,
            filter: w as tf.Tensor4D,
            strides: 1,
            pad: 'same',
            dataFormat: 'NCHW',
            bias,
            activation,
            preluActivationWeights: activation === 'prelu' ? slopes : undefined,
          }),
      }),
    }),
  ),
  {
    name: 'conv1d',
    gradient: true,
    draws: 6,
    make: (random) => {
      const [channels, width] = [random.integer(1, 5), random.integer(1, 5)];
      const [stride, padding] = [random.integer(1, 3), random.pick(['valid', 'same'] as const)];
      return {
        inputs: [random.floats([2, 17, channels], -1, 1), random.floats([width, channels, 4], -1, 1)],
        apply: (x, w) => tf.conv1d(x as tf.Tensor3D, w as tf.Tensor3D, stride, padding),
      };
    },
  },
  ...[false, true].map(
    (dilated): KernelCase => ({
      name: dilated ? 'depthwiseConv2d, dilated' : 'depthwiseConv2d',
      gradient: !dilated,
      draws: 10,
      make: (random) => {
        const { filter, stride, dilation, padding, size } = window(random, dilated);
        const [channels, multiplier] = [random.integer(1, 4), random.integer(1, 3)];
        return {
          inputs: [
            random.floats([random.size(1, 2), ...size, channels], -1, 1),
            random.floats([...filter, channels, multiplier], -1, 1),
          ],
          apply: (x, w) =>
            tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, explicit(padding), 'NHWC', dilation),
        };
      },
    }),
  ),
  ...(['relu', 'elu', 'sigmoid'] as const).flatMap((activation): KernelCase[] => [
    {
      name: `fused.conv2d with bias and ${activation}`,
      gradient: activation !== 'sigmoid',
      draws: 2,
      make: (random) => ({
        inputs: [random.floats([1, 7, 6, 3], -1, 1), random.floats([3, 2, 3, 4], -1, 1), random.floats([4])],
        apply: (x, w, bias) =>
          tf.fused.conv2d({
            x: x as tf.Tensor4D,
            filter: w as tf.Tensor4D,
            strides: 1,
            pad: 'same',
            bias,
            activation,
          }),
      }),
    },
    {
      name: `fused.depthwiseConv2d with bias and ${activation}`,
      draws: 2,
      make: (random) => ({
        inputs: [random.floats([1, 7, 6, 3], -1, 1), random.floats([3, 2, 3, 2], -1, 1), random.floats([6])],
        apply: (x, w, bias) =>
          tf.fused.depthwiseConv2d({
            x: x as tf.Tensor4D,
            filter: w as tf.Tensor4D,
            strides: 1,
            pad: 'same',
            bias,
            activation,
          }),
      }),
    },
  ]),
  ...(
    [
      ['maxPool', tf.maxPool],
      ['avgPool', tf.avgPool],
    ] as const
  ).map(
    ([name, pool]): KernelCase => ({
      name,
      gradient: true,
      draws: 12,
      make: (random) => {
        const { filter, stride, padding, size } = window(random);
        return {
          inputs: [random.distinct([random.size(1, 2), ...size, random.integer(1, 3)])],
          apply: (x) => pool(x as tf.Tensor4D, filter, stride, explicit(padding)),
        };
      },
    }),
  ),
  {
    name: 'windows that TensorFlow.js counts by the height alone, where padding is one number',
    fallsBack: true,
    draws: 1,
    make: (random) => ({
      inputs: [random.floats([1, 8, 8, 2]), random.floats([1, 2, 2, 3]), random.floats([2, 1, 2, 1])],
      apply: (x, w, v) => [
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [3, 1], 1),
        tf.depthwiseConv2d(x as tf.Tensor4D, v as tf.Tensor4D, [2, 1], 1),
        tf.avgPool(x as tf.Tensor4D, [3, 2], [3, 1], 1),
      ],
    }),
  },
  {
    name: 'pooling with as much padding as the window is wide',
    fallsBack: true,
    draws: 2,
    make: (random) => ({
      inputs: [random.floats([1, 3, 3, 2])],
      apply: (x) => [
        tf.maxPool(x as tf.Tensor4D, 1, 2, 1, 'floor'),
        tf.avgPool(
          x as tf.Tensor4D,
          2,
          1,
          explicit([
            [0, 0],
            [2, 0],
            [0, 2],
            [0, 0],
          ]),
        ),
      ],
    }),
  },
  {
    name: 'max pooling passes over NaN',
    draws: 1,
    make: () => ({
      inputs: [{ shape: [1, 3, 3, 1], dtype: 'float32', values: [Number.NaN, 1, 2, 3, Number.NaN, 5, 6, 7, 9] }],
      apply: (x) => [
        tf.maxPool(x as tf.Tensor4D, 2, 1, 'valid'),
        tf.maxPool3d(tf.reshape(x!, [1, 1, 3, 3, 1]) as tf.Tensor5D, [1, 2, 2], 1, 'valid'),
        ...Object.values(tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 1, 'valid')),
      ],
    }),
  },
  {
    name: 'maxPoolWithArgmax',
    draws: 6,
    make: (random) => {
      const { filter, stride, size } = window(random);
      const [padding, includeBatch] = [random.pick(['valid', 'same'] as const), random.pick([true, false])];
      return {
        inputs: [random.distinct([2, ...size, random.integer(1, 3)])],
        apply: (x) => Object.values(tf.maxPoolWithArgmax(x as tf.Tensor4D, filter, stride, padding, includeBatch)),
      };
    },
  },
  {
    name: 'conv2dTranspose',
    gradient: true,
    draws: 4,
    make: (random) => ({
      inputs: [random.floats([2, 4, 5, 3], -1, 1), random.floats([3, 3, 2, 3], -1, 1)],
      apply: (x, w) => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, [2, 8, 10, 2], 2, 'same'),
    }),
  },
  {
    name: 'batchNorm',
    gradient: true,
    make: (random) => ({
      inputs: [
        random.floats([2, 3, 4, 5]),
        random.floats([5]),
        random.floats([5], 0.1, 2),
        random.floats([5]),
        random.floats([5]),
      ],
      apply: (x, mean, variance, offset, scale) =>
        tf.batchNorm(x!, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D),
    }),
  },
];
