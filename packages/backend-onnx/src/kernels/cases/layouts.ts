import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

const dtypes: Input['dtype'][] = ['float32', 'int32', 'bool'];

/** Kernels that move elements, for every data type, with gradients for floats. */
export const layoutCases: readonly KernelCase[] = [
  ...ofEveryType(
    'transpose',
    (random, shape) => {
      const perm = random.permutation(shape.length);
      return (x) => tf.transpose(x, perm);
    },
    6,
  ),
  ...ofEveryType('reshape', (_, shape) => (x) => tf.add(tf.cast(tf.reshape(x, [-1]), 'float32'), shape.length)),
  ...ofEveryType('expandDims', (random, shape) => {
    const axis = random.integer(-shape.length - 1, shape.length);
    return (x) => tf.expandDims(x, axis);
  }),
  ...ofEveryType('identity', () => (x) => tf.clone(x)),
  ...ofEveryType('slice', (random, shape) => {
    const begin = shape.map((size) => random.integer(0, size - 1));
    const size = shape.map((length, axis) => random.integer(1, length - begin[axis]!));
    return (x) => tf.slice(x, begin, size);
  }),
  ...ofEveryType(
    'slice of nothing',
    (_, shape) => (x) =>
      tf.slice(
        x,
        shape.map(() => 0),
        [0, ...shape.slice(1)],
      ),
  ),
  ...ofEveryType(
    'stridedSlice',
    (random, shape) => {
      const strides = shape.map(() => random.pick([1, 2, -1, -2]));
      const begin = shape.map((size, i) => (strides[i]! > 0 ? random.integer(0, size - 1) : size - 1));
      const end = shape.map((size, i) => (strides[i]! > 0 ? size : -size - 1));
      return (x) => tf.stridedSlice(x, begin, end, strides);
    },
    4,
    false,
  ),
  ...ofEveryType(
    'stridedSlice with masks',
    () => (x) => tf.stridedSlice(x, [0, 1], [1, 2], [1, 1], 1, 1, 0, 0, 2),
    4,
    false,
  ).map(
    (kernelCase): KernelCase => ({
      ...kernelCase,
      make: (random) => ({ ...kernelCase.make(random), inputs: [random.numbers([3, 4, 2], 'float32')] }),
    }),
  ),
  ...ofEveryType('concat', (random, shape) => {
    const axis = random.integer(0, shape.length - 1);
    return (x) => tf.concat([x, x, tf.reverse(x)], axis);
  }),
  ...ofEveryType('concat of one', () => (x) => tf.concat([x], 0)),
  ...ofEveryType(
    'concat with an empty tensor',
    (_, shape) => (x) => tf.concat([x, tf.zeros([0, ...shape.slice(1)], x.dtype)], 0),
  ),
  ...ofEveryType('stack', (random, shape) => {
    const axis = random.integer(0, shape.length);
    return (x) => tf.stack([x, tf.reverse(x)], axis);
  }),
  ...ofEveryType('unstack', (random, shape) => {
    const axis = random.integer(0, shape.length - 1);
    return (x) => tf.unstack(x, axis);
  }),
  ...ofEveryType(
    'split, into empty parts too',
    (random, shape) => {
      const axis = random.integer(0, shape.length - 1);
      const cut = random.integer(0, shape[axis]!);
      const parts = [cut, shape[axis]! - cut];
      const sizes = shape[axis]! > 1 ? random.pick([shape[axis]!, parts]) : parts;
      return (x) => tf.split(x, sizes, axis);
    },
    6,
  ),
  // TensorFlow.js has no gradient for a single part.
  ...ofEveryType('split into one', (_, shape) => (x) => tf.split(x, [shape[0]!]), 3, false),
  ...ofEveryType(
    'tile',
    (random, shape) => {
      const reps = shape.map(() => random.integer(1, 3));
      return (x) => tf.tile(x, reps);
    },
    4,
  ),
  ...ofEveryType(
    'broadcastTo',
    (random, shape) => {
      const wide = shape.map((size) => (size === 1 ? random.integer(1, 4) : size));
      return (x) => tf.broadcastTo(x, [2, ...wide]);
    },
    3,
  ),
  ...ofEveryType(
    'pad',
    (random, shape) => {
      const paddings = shape.map((): [number, number] => [random.integer(0, 2), random.integer(0, 2)]);
      return (x) => tf.pad(x, paddings, x.dtype === 'float32' ? 0.5 : 1);
    },
    4,
  ),
  ...['reflect', 'symmetric'].map(
    (mode): KernelCase => ({
      name: `mirrorPad, ${mode}`,
      moves: true,
      make: (random) => ({
        inputs: [random.floats([3, 4])],
        apply: (x) =>
          tf.mirrorPad(
            x!,
            [
              [1, 2],
              [0, 1],
            ],
            mode as 'reflect' | 'symmetric',
          ),
      }),
    }),
  ),
  ...ofEveryType('reverse', (random, shape) => {
    const axes = random.axes(shape.length);
    return (x) => tf.reverse(x, axes);
  }),
  {
    name: 'batchToSpaceND and spaceToBatchND',
    moves: true,
    gradient: true,
    make: (random) => {
      const crop = (): number[] => [random.integer(0, 1), random.integer(0, 1)];
      const [crops, paddings] = [
        [crop(), crop()],
        [
          [1, 2],
          [0, 2],
        ],
      ];
      return {
        inputs: [random.floats([12, 3, 4, 2]), random.floats([2, 3, 4, 2])],
        apply: (x, y) => [tf.batchToSpaceND(x!, [2, 3], crops), tf.spaceToBatchND(y!, [3, 2], paddings)],
      };
    },
  },
  // ONNX Runtime's Where, which places the diagonal, makes −0 a 0.
  ...ofEveryType('diag', () => (x) => tf.diag(x), 3, false).map(
    (kernelCase): KernelCase => ({ ...kernelCase, leavesOpen: ['negative zero'] }),
  ),
  {
    name: 'range and linspace',
    draws: 8,
    make: (random) => {
      const [start, stop] = [random.integer(-5, 5), random.integer(-5, 5)];
      const step = start < stop ? random.pick([1, 0.3]) : random.pick([1, -0.3]);
      const count = random.integer(1, 9);
      return {
        inputs: [],
        apply: () => [
          tf.range(start, stop, step),
          tf.range(start, stop, Math.sign(step), 'int32'),
          tf.linspace(start, stop, count),
        ],
      };
    },
  },
  {
    name: 'stridedSlice of nothing',
    draws: 1,
    make: (random) => ({ inputs: [random.floats([4])], apply: (x) => tf.stridedSlice(x!, [10], [3], [2]) }),
  },
  {
    name: 'depthToSpace',
    moves: true,
    make: (random) => ({
      inputs: [random.floats([2, 3, 2, 12])],
      apply: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'),
    }),
  },
  ...ofEveryType('zerosLike and onesLike', () => (x) => [tf.zerosLike(x), tf.onesLike(x)], 5, false),
  ...ofEveryType(
    'fill',
    (random, shape) => {
      const value = random.pick([0, 1, 2.5, -3]);
      return (x) => tf.fill(shape, x.dtype === 'float32' ? value : Math.abs(Math.sign(value)), x.dtype);
    },
    5,
    false,
  ),
];

function ofEveryType(
  name: string,
  draw: (random: Random, shape: number[]) => (x: tf.Tensor) => tf.Tensor | tf.Tensor[],
  maxRank = 5,
  gradient = true,
): KernelCase[] {
  return dtypes.map((dtype) => ({
    name: `${name} of ${dtype}`,
    moves: true,
    gradient: gradient && dtype === 'float32',
    make: (random) => {
      const shape = random.shape(1, maxRank);
      const apply = draw(random, shape);
      return { inputs: [random.numbers(shape, dtype)], apply: (x) => apply(x!) };
    },
  }));
}
