import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import type { KernelCase, Result } from './kernel-case';

const dtypes: Input['dtype'][] = ['float32', 'int32', 'bool'];

/** Kernels that pick or place by index or condition. */
export const indexCases: readonly KernelCase[] = [
  ...dtypes.map(
    (dtype): KernelCase => ({
      name: `where of ${dtype}`,
      moves: true,
      leavesOpen: ['negative zero'], // ONNX Runtime's Where makes it 0
      gradient: dtype === 'float32',
      draws: 6,
      make: (random) => {
        const [condition, values] = random.broadcastPair(4);
        return {
          inputs: [random.booleans(condition), random.numbers(values, dtype), random.numbers(values, dtype)],
          apply: (c, a, b) => tf.where(c!, a!, b!),
        };
      },
    }),
  ),
  {
    name: 'where keeps NaN out of the branch not taken',
    draws: 1,
    make: () => ({
      inputs: [
        { shape: [3], dtype: 'bool', values: [1, 0, 1] },
        { shape: [3], dtype: 'float32', values: [1, Number.NaN, Infinity] },
      ],
      apply: (c, a) => tf.where(c!, a!, 0),
    }),
  },
  ...dtypes.map(
    (dtype): KernelCase => ({
      name: `gather of ${dtype}`,
      moves: true,
      gradient: dtype === 'float32',
      draws: 6,
      make: (random) => {
        const shape = random.shape(1, 4);
        const axis = random.integer(0, shape.length - 1);
        return {
          inputs: [random.numbers(shape, dtype), random.integers(random.shape(1, 2), 0, shape[axis]! - 1)],
          apply: (x, indices) => tf.gather(x!, indices!, axis),
        };
      },
    }),
  ),
  {
    name: 'gather by computed indices',
    gradient: true,
    make: (random) => ({
      inputs: [random.floats([5, 3]), random.integers([7], 0, 3)],
      apply: (x, indices) => tf.gather(x!, tf.add(indices!, tf.scalar(1, 'int32'))),
    }),
  },
  ...dtypes.map(
    (dtype): KernelCase => ({
      name: `gather of ${dtype} with batches`,
      moves: true,
      draws: 6,
      make: (random) => {
        const shape = random.shape(2, 5);
        const batchDims = random.integer(1, shape.length - 1);
        const axis = random.integer(batchDims, shape.length - 1);
        const indices = [...shape.slice(0, batchDims), ...random.shape(1, 2)];
        return {
          inputs: [random.numbers(shape, dtype), random.integers(indices, 0, shape[axis]! - 1)],
          apply: (x, y) => [
            tf.gather(x!, y!, axis, batchDims),
            tf.gather(x!, tf.mul(y!, tf.scalar(1, 'int32')), axis, batchDims),
          ],
        };
      },
    }),
  ),
  ...(['float32', 'int32'] as const).map(
    (dtype): KernelCase => ({
      name: `tensorScatterUpdate and sparseToDense of ${dtype}, the last of repeated indices counts`,
      moves: true,
      make: (random) => ({
        inputs: [
          random.numbers([3, 4], dtype),
          random.integers([5, 1], 0, 2),
          random.numbers([5, 4], dtype),
          random.integers([3, 1], 0, 6),
          random.numbers([3], dtype),
        ],
        apply: (x, indices, updates, places, values) => [
          tf.tensorScatterUpdate(x!, indices!, updates!),
          tf.sparseToDense(places!, values!, [7], tf.scalar(-1, dtype)),
        ],
      }),
    }),
  ),
  ...dtypes.map(
    (dtype): KernelCase => ({
      name: `gatherND of ${dtype}`,
      moves: true,
      make: (random) => ({
        inputs: [random.numbers([3, 4, 2], dtype), random.integers([5, random.integer(1, 3)], 0, 1)],
        apply: (x, indices) => tf.gatherND(x!, indices!),
      }),
    }),
  ),
  ...(['float32', 'int32'] as const).map(
    (dtype): KernelCase => ({
      name: `scatterND of ${dtype}, indices repeated`,
      make: (random) => ({
        inputs: [random.integers([6, 1], 0, 2), random.numbers([6, 4], dtype)],
        apply: (indices, updates) => tf.scatterND(indices!, updates!, [3, 4]),
      }),
    }),
  ),
  {
    name: 'unsortedSegmentSum',
    gradient: true,
    make: (random) => {
      const [x, ids] = [random.floats([9, ...random.shape(0, 2)]), random.integers([9], 0, 3)];
      return {
        inputs: [x, ids],
        apply: (rows, rowIds) => tf.unsortedSegmentSum(rows!, rowIds as tf.Tensor1D, 4),
        expected: () => [segmentSum(x, ids.values, 4)],
      };
    },
  },
  {
    name: 'unsortedSegmentSum leaves out ids out of range',
    make: (random) => {
      const [x, ids] = [random.floats([9, 2]), random.integers([9], -2, 6)];
      return {
        inputs: [x, ids],
        apply: (rows, rowIds) => [
          tf.unsortedSegmentSum(rows!, rowIds as tf.Tensor1D, 4),
          tf.unsortedSegmentSum(rows!, tf.add(rowIds!, tf.scalar(1, 'int32')) as tf.Tensor1D, 4),
        ],
        expected: () => [
          segmentSum(x, ids.values, 4),
          segmentSum(
            x,
            ids.values.map((id) => id + 1),
            4,
          ),
        ],
      };
    },
  },
  ...(['float32', 'int32', 'bool'] as const).map(
    (dtype): KernelCase => ({
      name: `oneHot as ${dtype}, indices out of range give zeros`,
      make: (random) => ({
        inputs: [random.integers(random.shape(0, 3), -2, 6)],
        apply: (indices) => tf.oneHot(indices!, 5, 1, 0, dtype),
      }),
    }),
  ),
  {
    name: 'oneHot with other values',
    make: (random) => ({
      inputs: [random.integers([4], 0, 4)],
      apply: (indices) => tf.oneHot(indices!, 5, 0.9, 0.025, 'float32'),
    }),
  },
  ...(['float32', 'int32'] as const).map(
    (dtype): KernelCase => ({
      name: `topk of ${dtype}`,
      moves: true,
      // Neither TensorFlow.js nor ONNX gives NaN a place in the order.
      leavesOpen: ['NaN'],
      make: (random) => {
        const shape = [...random.shape(0, 3), random.integer(2, 9)];
        const k = random.integer(1, shape[shape.length - 1]!);
        const x = random.numbers(shape, dtype);
        return {
          inputs: [x],
          apply: (tensor) => {
            const { values, indices } = tf.topk(tensor!, k);
            return [values, indices];
          },
          expected: () => topk(x, k),
        };
      },
    }),
  ),
];

/** The cpu backend multiplies every row by 0 or 1 for each segment, so that its NaN and infinities reach all others. */
function segmentSum({ shape, values }: Input, ids: readonly number[], segments: number): Result {
  const width = values.length / shape[0]!;
  const sums = new Array<number>(segments * width).fill(0);
  ids.forEach((id, row) => {
    if (id < 0 || id >= segments) return;
    for (let i = 0; i < width; i++) sums[id * width + i]! += values[row * width + i]!;
  });
  return { shape: [segments, ...shape.slice(1)], dtype: 'float32', values: sums };
}

/** The cpu backend takes ∞ − ∞ for a difference, and loses its way among several infinities. */
function topk({ shape, values, dtype }: Input, k: number): Result[] {
  const length = shape[shape.length - 1]!;
  const rows = Array.from({ length: values.length / length }, (_, row) => {
    const places = Array.from({ length }, (_, i) => i);
    const at = (i: number) => values[row * length + i]!;
    places.sort((a, b) => (at(a) === at(b) ? a - b : at(a) < at(b) ? 1 : -1));
    return places.slice(0, k).map((i) => [at(i), i] as const);
  });
  const small = [...shape.slice(0, -1), k];
  return [
    { shape: small, dtype, values: rows.flatMap((row) => row.map(([value]) => value)) },
    { shape: small, dtype: 'int32', values: rows.flatMap((row) => row.map(([, place]) => place)) },
  ];
}
