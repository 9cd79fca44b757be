import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import type { Random } from './random';

/** Tensors of strings: kernels that the cpu backend computes. */
export const textCases: readonly KernelCase[] = [
  moving('slice and reshape', (x) => [tf.slice(x, 0, 1), tf.reshape(x, [-1])]),
  moving('concat, stack and unstack', (x) => [tf.concat([x, x]), tf.stack([x, x]), ...tf.unstack(x)]),
  moving('tile and reverse', (x) => [tf.tile(x, [2, ...x.shape.slice(1).map(() => 1)])]),
  moving('expandDims and squeeze', (x) => [tf.expandDims(x), tf.squeeze(tf.expandDims(x, 0), [0])]),
  moving('clone and fill', (x) => [tf.clone(x), tf.fill([2, 3], 'ab', 'string' as never)]),
  moving('equal', (x) => [tf.equal(x, tf.scalar('ab')), tf.notEqual(x, x)]),
  {
    name: 'stringNGrams',
    fallsBack: true,
    make: (random) => {
      const [words, splits] = [wordList(random, 5), [0, random.integer(0, 5), 5]];
      const widths = random.pick([[2], [1, 2], [3]]);
      const [padding, keepsShort] = [random.pick([-1, 0, 1]), random.pick([true, false])];
      return {
        inputs: [],
        apply: () =>
          Object.values(
            tf.string.stringNGrams(
              tf.tensor1d(words, 'string'),
              tf.tensor1d(splits, 'int32'),
              '|',
              widths,
              'L',
              'R',
              padding,
              keepsShort,
            ),
          ),
      };
    },
  },
  {
    name: 'stringSplit',
    fallsBack: true,
    make: (random) => {
      const [words, skips] = [wordList(random, random.integer(1, 4)), random.pick([true, false])];
      const delimiter = random.pick(['', ' ', 'a', ' a']);
      return {
        inputs: [],
        apply: () =>
          Object.values(tf.string.stringSplit(tf.tensor1d(words, 'string'), tf.scalar(delimiter, 'string'), skips)),
      };
    },
  },
  {
    name: 'stringToHashBucketFast',
    fallsBack: true,
    make: (random) => {
      const [words, buckets] = [wordList(random, random.integer(1, 6)), random.integer(1, 100)];
      return { inputs: [], apply: () => tf.string.stringToHashBucketFast(tf.tensor1d(words, 'string'), buckets) };
    },
  },
  {
    name: 'staticRegexReplace',
    fallsBack: true,
    make: (random) => {
      const [words, isGlobal] = [wordList(random, random.integer(1, 6)), random.pick([true, false])];
      return {
        inputs: [],
        apply: () => tf.string.staticRegexReplace(tf.tensor1d(words, 'string'), '[a-c]', '<$&>', isGlobal),
      };
    },
  },
];

const alphabet = ['', 'ab', 'a b', 'ä', ' a a ', 'b', '日本', 'abcabc'];

function wordList(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => random.pick(alphabet));
}

function moving(name: string, run: (x: tf.Tensor) => tf.Tensor[]): KernelCase {
  return {
    name: `${name} of strings`,
    make: (random) => {
      const shape = [random.integer(1, 3), random.integer(1, 3)];
      const words = wordList(random, shape[0]! * shape[1]!);
      return { inputs: [], apply: () => run(tf.tensor(words, shape, 'string')) };
    },
  };
}
