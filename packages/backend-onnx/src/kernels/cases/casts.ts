import * as tf from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernel-case';
import { floats, special, specialValues } from './special-values';

/** Conversions between data types. */
export const castCases: readonly KernelCase[] = [
  ...(['float32', 'int32', 'bool'] as const).flatMap((from) =>
    (['float32', 'int32', 'bool'] as const).map(
      (to): KernelCase => ({
        name: `cast from ${from} to ${to}`,
        make: (random) => ({ inputs: [random.numbers(random.shape(), from)], apply: (x) => tf.cast(x, to) }),
      }),
    ),
  ),
  {
    name: 'cast to integers of NaN, infinities and floats out of range',
    draws: 1,
    make: () => ({
      inputs: [floats([Number.NaN, 3e9, -3e9, 2.9, -2.9, 2 ** 40 + 2 ** 20, 1e30, -1e30, ...special])],
      apply: (x) => tf.cast(x, 'int32'),
    }),
  },
  {
    name: 'cast to booleans of NaN and infinities',
    draws: 1,
    make: () => ({ inputs: [specialValues], apply: (x) => tf.cast(x, 'bool') }),
  },
];
