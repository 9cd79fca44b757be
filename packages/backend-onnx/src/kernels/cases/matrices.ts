import * as tf from '@tensorflow/tfjs-core';
import { integerMatMul } from './integer-oracle';
import type { KernelCase } from './kernel-case';

const flags = [false, true];

/** Matrix products: every transposition, batches, fused bias and activation, einsum. */
export const matrixCases: readonly KernelCase[] = [
  ...flags.flatMap((transposeA) =>
    flags.flatMap((transposeB) =>
      [
        { name: 'matrices', batches: [[], []] },
        { name: 'batches', batches: [[3], [3]] },
        {
          name: 'two axes of batches',
          batches: [
            [2, 3],
            [2, 3],
          ],
        },
        { name: 'a batch and a single matrix', batches: [[3], [1]] },
      ].map(
        ({ name, batches }): KernelCase => ({
          name: `matMul of ${name}, transposeA=${transposeA}, transposeB=${transposeB}`,
          leavesOpen: ['booleans'], // as below
          // TensorFlow.js has no gradient for batches that broadcast.
          gradient: String(batches[0]) === String(batches[1]),
          draws: 3,
          make: (random) => {
            const [m, k, n] = [random.size(1, 7), random.size(1, 70), random.size(1, 7)];
            const a = [...batches[0]!, ...(transposeA ? [k, m] : [m, k])];
            const b = [...batches[1]!, ...(transposeB ? [n, k] : [k, n])];
            return {
              inputs: [random.floats(a, -1, 1), random.floats(b, -1, 1)],
              apply: (x, y) => tf.matMul(x!, y!, transposeA, transposeB),
            };
          },
        }),
      ),
    ),
  ),
  {
    name: 'matMul of integers',
    make: (random) => {
      const [m, n, k] = [random.size(1, 4), random.size(1, 5), random.size(1, 6)];
      const [a, b] = [random.integers([2, m, k]), random.integers([2, n, k])];
      return {
        inputs: [a, b],
        apply: (x, y) => tf.matMul(x!, y!, false, true),
        // The cpu backend loses digits beyond 2⁵³.
        expected: () => [integerMatMul(a, b)],
      };
    },
  },
  {
    name: 'matMul over nothing',
    draws: 1,
    make: (random) => ({
      inputs: [random.floats([2, 0]), random.floats([0, 3])],
      apply: (a, b) => tf.matMul(a!, b!),
    }),
  },
  ...(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const).map(
    (activation): KernelCase => ({
      name: `fused.matMul with bias and ${activation}`,
      // The cpu backend's product of booleans is a boolean tensor that holds numbers such as 5.
      leavesOpen: ['booleans'],
      // TensorFlow.js has no gradient for these three.
      gradient: !['sigmoid', 'leakyrelu', 'prelu'].includes(activation),
      draws: 2,
      make: (random) => {
        const [m, k, n] = [random.size(1, 6), random.size(1, 60), random.size(1, 6)];
        const transposeA = random.pick(flags);
        return {
          inputs: [
            random.floats(transposeA ? [k, m] : [m, k], -1, 1),
            random.floats([k, n], -1, 1),
            random.floats([n]),
          ],
          apply: (a, b, bias) =>
            tf.fused.matMul({
              a: a!,
              b: b!,
              bias,
              transposeA,
              activation,
              leakyreluAlpha: 0.3,
              preluActivationWeights: activation === 'prelu' ? tf.fill([m, n], 0.4) : undefined,
            }),
        };
      },
    }),
  ),
  ...['ij,jk->ik', 'bij,bkj->bik', 'ij->ji', 'bhid,bhjd->bhij', 'i,j->ij', 'ijk->j'].map(
    (equation): KernelCase => ({
      name: `einsum ${equation}`,
      draws: 2,
      make: (random) => {
        const sizes = new Map([...'bhijkd'].map((letter) => [letter, random.size(1, 5)]));
        const terms = equation.split('->')[0]!.split(',');
        return {
          inputs: terms.map((term) =>
            random.floats(
              [...term].map((letter) => sizes.get(letter)!),
              -1,
              1,
            ),
          ),
          apply: (...tensors) => tf.einsum(equation, ...tensors),
        };
      },
    }),
  ),
];
