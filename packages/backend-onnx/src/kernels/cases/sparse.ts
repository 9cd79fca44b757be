import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

type Vector = tf.Tensor1D;

/** Sparse and ragged tensors, counting and searching: kernels that the cpu backend computes. */
export const sparseCases: readonly KernelCase[] = [
  ...([1, 2] as const).map(
    (rank): KernelCase => ({
      name: rank === 1 ? 'bincount' : 'denseBincount of rows',
      fallsBack: true,
      make: (random) => {
        const shape = rank === 1 ? [random.size(1, 9)] : [random.integer(1, 3), random.integer(1, 5)];
        const size = random.integer(1, 7);
        const isBinary = random.pick([true, false]);
        return {
          inputs: [random.integers(shape, 0, 8), random.floats(shape)],
          apply: (x, weights) => [
            ...(rank === 1 ? [tf.bincount(x as Vector, weights as Vector, size)] : []),
            tf.denseBincount(x as Vector, weights as Vector, size, isBinary),
          ],
        };
      },
    }),
  ),
  {
    name: 'searchSorted on both sides',
    fallsBack: true,
    make: (random) => {
      const rows = random.integer(1, 3);
      const sequence = random.floats([rows, random.integer(1, 6)]);
      const side = random.pick(['left', 'right'] as const);
      return {
        inputs: [sequence, random.floats([rows, random.integer(1, 5)])],
        apply: (x, values) => tf.searchSorted(tf.reverse(tf.topk(x!, x!.shape[1]!).values, 1), values!, side),
      };
    },
    leavesOpen: ['NaN'],
  },
  ...(['float32', 'int32', 'bool'] as const).map(
    (dtype): KernelCase => ({
      name: `unique of ${dtype}`,
      fallsBack: true,
      make: (random) => {
        const shape = random.shape(1, 3);
        const axis = random.integer(0, shape.length - 1);
        const x = random.numbers(shape, dtype);
        return {
          inputs: [{ ...x, values: x.values.map(Math.round) }],
          apply: (tensor) => {
            const { values, indices } = tf.unique(tensor!, axis);
            return [values, indices];
          },
        };
      },
    }),
  ),
  {
    name: 'sparseFillEmptyRows',
    fallsBack: true,
    make: (random) => {
      const [rows, columns] = [random.integer(1, 5), random.integer(1, 4)];
      const cells = someCells(random, rows, columns);
      return {
        inputs: [random.floats([cells.length]), random.floats([])],
        apply: (values, fill) => {
          const indices = tf.tensor2d(cells.flat(), [cells.length, 2], 'int32');
          return Object.values(
            tf.sparse.sparseFillEmptyRows(indices, values as Vector, [rows, columns], fill as tf.Scalar),
          );
        },
      };
    },
  },
  {
    name: 'sparseReshape',
    fallsBack: true,
    make: (random) => {
      const [rows, columns] = [random.integer(1, 5), random.integer(1, 4)];
      const cells = someCells(random, rows, columns);
      const shape = random.pick([[columns, rows], [-1], [rows, -1, 1]]);
      return {
        inputs: [],
        apply: () => {
          const indices = tf.tensor2d(cells.flat(), [cells.length, 2], 'int32');
          return Object.values(tf.sparse.sparseReshape(indices, [rows, columns], shape));
        },
      };
    },
  },
  {
    name: 'sparseSegmentMean and sparseSegmentSum',
    fallsBack: true,
    make: (random) => {
      const count = random.size(1, 6);
      let segment = 0;
      const ids = Array.from({ length: count }, () => (segment += random.integer(0, 2)));
      const rows = random.integer(1, 4);
      return {
        inputs: [random.floats([rows, random.integer(1, 3)]), random.integers([count], 0, rows - 1)],
        apply: (data, indices) => {
          const segments = tf.tensor1d(ids, 'int32');
          return [
            tf.sparse.sparseSegmentMean(data!, indices as Vector, segments),
            tf.sparse.sparseSegmentSum(data!, indices as Vector, segments),
          ];
        },
      };
    },
  },
  {
    name: 'raggedGather',
    fallsBack: true,
    make: (random) => {
      const splits = rowSplits(random);
      const rows = splits.length - 1;
      return {
        inputs: [
          random.floats([splits[rows]!, ...random.shape(0, 2)]),
          random.integers([random.integer(1, 4)], 0, rows - 1),
        ],
        apply: (values, indices) => {
          const gathered = tf.raggedGather([tf.tensor1d(splits, 'int32')], values!, indices!, 1);
          return [...gathered.outputNestedSplits, gathered.outputDenseValues];
        },
      };
    },
  },
  ...(['float32', 'int32'] as const).map(
    (dtype): KernelCase => ({
      name: `raggedRange of ${dtype}`,
      fallsBack: true,
      make: (random) => {
        const count = random.integer(1, 4);
        const [starts, limits] = [random.integers([count], -5, 5), random.integers([count], -5, 5)];
        const deltas = random.integers([count], 1, 3);
        const step = random.pick([1, -1]);
        return {
          inputs: [starts, limits, { ...deltas, values: deltas.values.map((delta) => delta * step) }],
          apply: (...bounds) => {
            const [from, to, by] = bounds.map((bound) => tf.cast(bound, dtype));
            return Object.values(tf.raggedRange(from!, to!, by!));
          },
        };
      },
    }),
  ),
  {
    name: 'raggedTensorToTensor',
    fallsBack: true,
    make: (random) => {
      const splits = rowSplits(random);
      const rows = splits.length - 1;
      const shape = random.pick([
        [-1, -1],
        [rows, 4],
        [random.integer(1, 6), random.integer(1, 5)],
      ]);
      return {
        inputs: [random.floats([splits[rows]!]), random.floats([])],
        apply: (values, fill) =>
          tf.raggedTensorToTensor(shape, values!, fill!, [tf.tensor1d(splits, 'int32')], ['ROW_SPLITS']),
      };
    },
  },
  {
    name: 'broadcastArgs',
    fallsBack: true,
    make: (random) => {
      const [a, b] = random.broadcastPair(4);
      return { inputs: [], apply: () => tf.broadcastArgs(tf.tensor1d(a, 'int32'), tf.tensor1d(b, 'int32')) };
    },
  },
];

/** Some of the cells of a table, in order; at least one. */
function someCells(random: Random, rows: number, columns: number): number[][] {
  const all = Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns]);
  const some = all.filter(() => random.unit() < 0.5);
  return some.length > 0 ? some : all;
}

/** Where each of a few rows starts, and the last one ends. */
function rowSplits(random: Random): number[] {
  const splits = [0];
  for (let rows = random.integer(1, 4); rows > 0; rows--) splits.push(splits.at(-1)! + random.integer(0, 3));
  return splits;
}
