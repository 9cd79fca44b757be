import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import { integerProduct, integerRunningProduct, integerSum } from './integer-oracle';
import type { KernelCase } from './kernel-case';

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const numeric: [name: string, run: Reduction, dtypes: Input['dtype'][]][] = [
  ['sum', tf.sum, ['float32', 'int32', 'bool']],
  ['mean', tf.mean, ['float32', 'int32', 'bool']],
  ['max', tf.max, ['float32', 'int32', 'bool']],
  ['min', tf.min, ['float32', 'int32', 'bool']],
  ['prod', tf.prod, ['float32', 'int32']],
  ['all', tf.all, ['bool']],
  ['any', tf.any, ['bool']],
  ['logSumExp', tf.logSumExp, ['float32']],
];

/** Reductions over random axes. */
export const reductionCases: readonly KernelCase[] = [
  ...numeric.flatMap(([name, run, dtypes]) =>
    dtypes.map(
      (dtype): KernelCase => ({
        name: `${name} of ${dtype}`,
        gradient: dtype === 'float32',
        draws: 6,
        // A product of denormals is zero in floats, but not in the doubles of the cpu backend.
        leavesOpen: name === 'prod' ? ['denormals'] : [],
        cancels: name === 'mean',
        make: (random) => {
          const shape = random.shape(1, 5);
          const axes = random.axes(shape.length);
          const keepDims = random.pick([true, false]);
          // Distinct values, for the gradient of an extreme among equals is nobody's business.
          const x = name === 'max' || name === 'min' ? random.distinct(shape) : random.numbers(shape, dtype);
          const input = withType(x, dtype);
          const all = axes.length > 0 ? axes : shape.map((_, axis) => axis);
          const isInteger = name === 'prod' && dtype === 'int32';
          return {
            inputs: [input],
            apply: (tensor) => run(tensor, axes.length > 0 ? axes : undefined, keepDims),
            // The cpu backend's product loses digits beyond 2⁵³.
            expected: isInteger ? () => [integerProduct(input, all, keepDims)] : undefined,
          };
        },
      }),
    ),
  ),
  ...numeric
    .filter(([, , dtypes]) => dtypes.includes('float32'))
    .map(
      ([name, run]): KernelCase => ({
        name: `${name} of a row with NaN and of a row with infinities`,
        draws: 1,
        make: () => ({
          inputs: [
            {
              shape: [4, 3],
              dtype: 'float32',
              values: [1, Number.NaN, 2, 1, Infinity, -2, -Infinity, 3, -1, Number.NaN, -Infinity, Infinity],
            },
          ],
          apply: (x) => run(x!, 1),
        }),
      }),
    ),
  ...(
    [
      ['argMax', tf.argMax],
      ['argMin', tf.argMin],
    ] as const
  ).flatMap(([name, find]) =>
    (['float32', 'int32', 'bool'] as const).map(
      (dtype): KernelCase => ({
        name: `${name} of ${dtype}`,
        make: (random) => {
          const shape = random.shape(1, 5);
          const axis = random.integer(0, shape.length - 1);
          const x = random.numbers(shape, dtype);
          return { inputs: [{ ...x, values: x.values.map(Math.round) }], apply: (tensor) => find(tensor, axis) };
        },
      }),
    ),
  ),
  ...(['float32', 'int32', 'bool'] as const).map(
    (dtype): KernelCase => ({
      name: `cumsum of ${dtype}`,
      gradient: dtype === 'float32',
      make: (random) => {
        const shape = random.shape(1, 4);
        const axis = random.integer(0, shape.length - 1);
        const [exclusive, reverse] = [random.pick([true, false]), random.pick([true, false])];
        return { inputs: [random.numbers(shape, dtype)], apply: (x) => tf.cumsum(x, axis, exclusive, reverse) };
      },
    }),
  ),
  ...(['float32', 'int32', 'bool'] as const).map(
    (dtype): KernelCase => ({
      name: `cumprod of ${dtype}`,
      draws: 6,
      leavesOpen: ['denormals'], // as for prod
      make: (random) => {
        const shape = random.shape(1, 4, 6);
        const axis = random.integer(0, shape.length - 1);
        const [exclusive, reverse] = [random.pick([true, false]), random.pick([true, false])];
        const x = random.numbers(shape, dtype);
        return {
          inputs: [x],
          apply: (tensor) => tf.cumprod(tensor, axis, exclusive, reverse),
          // The cpu backend's product loses digits beyond 2⁵³.
          expected: dtype === 'int32' ? () => [integerRunningProduct(x, axis, exclusive, reverse)] : undefined,
        };
      },
    }),
  ),
  {
    name: 'sums and products of integers beyond their range wrap around',
    draws: 1,
    make: () => {
      const ends = [2 ** 31 - 1, -(2 ** 31), 65_537, -7, 123_457];
      const values = Array.from({ length: 35 }, (_, i) => ends[(i * i) % 5]!);
      const x: Input = { shape: [5, 7], dtype: 'int32', values };
      return {
        inputs: [x],
        apply: (tensor) => [
          ...[[0], [1], [0, 1]].flatMap((axes) => [tf.sum(tensor!, axes), tf.prod(tensor!, axes)]),
          tf.cumprod(tensor!, 1, false, true),
        ],
        expected: () => [
          ...[[0], [1], [0, 1]].flatMap((axes) => [integerSum(x, axes, false), integerProduct(x, axes, false)]),
          integerRunningProduct(x, 1, false, true),
        ],
      };
    },
  },
  {
    name: 'extremes over all axes, by default',
    draws: 2,
    make: (random) => ({
      inputs: [random.distinct([3, 2, 4])],
      apply: (x) => [tf.max(x!), tf.min(x!), tf.max(x!, null as never, true), tf.norm(x!, Infinity)],
    }),
  },
  {
    name: 'argMax and argMin of rows with NaN',
    draws: 1,
    make: () => ({
      inputs: [
        {
          shape: [4, 4],
          dtype: 'float32',
          values: [
            [0, 3, Number.NaN, 2],
            [Number.NaN, 3, 1, Infinity],
            [-Infinity, Number.NaN, -Infinity, Number.NaN],
            [1, Infinity, Number.NaN, -Infinity],
          ].flat(),
        },
      ],
      apply: (x) => [tf.argMax(x!, 1), tf.argMin(x!, 1), tf.argMax(x!, 0), tf.argMin(x!, 0)],
    }),
  },
  {
    name: 'sum over many rows',
    gradient: true,
    make: (random) => {
      const keepDims = random.pick([true, false]);
      return {
        inputs: [random.floats([random.integer(5, 9), 8, 3, 2])],
        apply: (x) => [tf.sum(x!, [0, 1], keepDims), tf.sum(x!, [1, 0, 2]), tf.sum(x!, [0, 1, 2, 3])],
      };
    },
  },
  {
    name: 'reductions of an empty tensor',
    draws: 1,
    make: () => ({
      inputs: [{ shape: [2, 0, 3], dtype: 'float32', values: [] }],
      apply: (x) => [tf.sum(x, 1), tf.prod(x, 1), tf.max(x, 1), tf.sum(x, 0)],
    }),
  },
  {
    name: 'moments',
    gradient: true,
    make: (random) => ({
      inputs: [random.floats(random.shape(2, 4))],
      apply: (x) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return [mean, variance];
      },
    }),
  },
];

function withType(x: Input, dtype: Input['dtype']): Input {
  if (dtype === 'bool') return { ...x, dtype, values: x.values.map((value) => (value > 0 ? 1 : 0)) };
  return dtype === 'int32' ? { ...x, dtype, values: x.values.map(Math.round) } : x;
}
