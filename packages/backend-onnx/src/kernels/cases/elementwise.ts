import * as tf from '@tensorflow/tfjs-core';
import type { Input } from './input';
import { integerElements } from './integer-oracle';
import type { KernelCase } from './kernel-case';
import { extremeIntegers, floats, special, specialColumn, specialValues } from './special-values';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
type DType = Input['dtype'];

/** Domain in which each function is smooth and its values moderate. */
const unaryFunctions: [name: string, run: Unary, low?: number, high?: number][] = [
  ['sqrt', tf.sqrt, 0.1, 9],
  ['rsqrt', tf.rsqrt, 0.1, 9],
  ['log', tf.log, 0.1, 9],
  ['log1p', tf.log1p, -0.9, 9],
  ['exp', tf.exp],
  ['expm1', tf.expm1],
  ['erf', tf.erf],
  ['sin', tf.sin],
  ['cos', tf.cos],
  ['tan', tf.tan, -1.2, 1.2],
  ['asin', tf.asin, -0.9, 0.9],
  ['acos', tf.acos, -0.9, 0.9],
  ['atan', tf.atan],
  ['sinh', tf.sinh],
  ['cosh', tf.cosh],
  ['asinh', tf.asinh],
  ['acosh', tf.acosh, 1.1, 5],
  ['atanh', tf.atanh, -0.9, 0.9],
  ['tanh', tf.tanh],
  ['sigmoid', tf.sigmoid, -9, 9],
  ['softplus', tf.softplus, -9, 9],
  ['relu', tf.relu],
  ['relu6', tf.relu6, -9, 9],
  ['elu', tf.elu],
  ['selu', tf.selu],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.13)],
  ['abs', tf.abs],
  ['neg', tf.neg],
  ['square', tf.square],
  ['reciprocal', tf.reciprocal, 0.2, 5],
  ['floor', tf.floor],
  ['ceil', tf.ceil],
  ['round', tf.round],
  ['sign', tf.sign],
  ['step', (x) => tf.step(x)],
  ['step with a slope', (x) => tf.step(x, 0.2)],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1.5)],
  ['softmax', (x) => tf.softmax(tf.expandDims(x))],
  ['logSoftmax', (x) => tf.logSoftmax(tf.expandDims(x))],
];

const tests: [name: string, run: Unary][] = [
  ['isNaN', tf.isNaN],
  ['isInf', tf.isInf],
  ['isFinite', tf.isFinite],
];

/** The last three have gradients in TensorFlow.js only where nothing is broadcast. */
const arithmetic: [name: string, run: Binary, gradientOfBroadcast: boolean][] = [
  ['add', tf.add, true],
  ['sub', tf.sub, true],
  ['mul', tf.mul, true],
  ['maximum', tf.maximum, false],
  ['minimum', tf.minimum, false],
  ['squaredDifference', tf.squaredDifference, false],
];

const comparisons: [name: string, run: Binary][] = [
  ['equal', tf.equal],
  ['notEqual', tf.notEqual],
  ['greater', tf.greater],
  ['greaterEqual', tf.greaterEqual],
  ['less', tf.less],
  ['lessEqual', tf.lessEqual],
];

/** Of integers the cpu backend computes these in doubles, or through floats, and loses low bits. */
const exact: Record<string, (...operands: bigint[]) => bigint> = {
  abs: (a) => (a! < 0 ? -a! : a!),
  square: (a) => a! * a!,
  mul: (a, b) => a! * b!,
  squaredDifference: (a, b) => BigInt.asIntN(32, a! - b!) ** 2n,
};

/** Element-wise kernels, over random broadcasts and over the numbers where they are most easily wrong. */
export const elementwiseCases: readonly KernelCase[] = [
  ...unaryFunctions.map(
    ([name, run, low, high]): KernelCase => ({
      name,
      gradient: true,
      make: (random) => ({ inputs: [random.floats(random.shape(), low, high)], apply: run }),
    }),
  ),
  ...[...unaryFunctions, ...tests]
    .filter(([name]) => !name.includes('oftmax'))
    .map(
      ([name, run]): KernelCase => ({
        name: `${name} of NaN, infinities and zeros`,
        draws: 1,
        make: () => ({ inputs: [specialValues], apply: run }),
      }),
    ),
  ...(
    [
      ['abs', tf.abs],
      ['neg', tf.neg],
      ['square', tf.square],
      ['relu', tf.relu],
      ['exp', tf.exp],
    ] as [string, Unary][]
  ).map(
    ([name, run]): KernelCase => ({
      name: `${name} of integers`,
      make: (random) => {
        const x = random.integers(random.shape());
        const oracle = exact[name];
        return { inputs: [x], apply: run, expected: oracle && (() => [integerElements(oracle, x)]) };
      },
    }),
  ),
  ...arithmetic.flatMap(([name, run, gradientOfBroadcast]) => [
    binaryCase(name, run, 'float32', gradientOfBroadcast),
    equalShapesCase(`${name} of equal shapes`, run),
    binaryCase(`${name} of integers`, run, 'int32', false),
    specialPairs(name, run),
  ]),
  ...[...arithmetic, ...comparisons].map(
    ([name, run]): KernelCase => ({
      name: `${name} of integers at the ends of their range`,
      draws: 1,
      make: () => {
        const inputs = [extremeIntegers, { ...extremeIntegers, shape: [6, 1] }];
        const oracle = exact[name];
        return { inputs, apply: run, expected: oracle && (() => [integerElements(oracle, ...inputs)]) };
      },
    }),
  ),
  ...comparisons.flatMap(([name, run]) => [
    binaryCase(name, run, 'float32', false, (x) => Math.round(x)),
    binaryCase(`${name} of integers`, run, 'int32', false),
    specialPairs(name, run),
  ]),
  binaryCase('equal of booleans', tf.equal, 'bool', false),
  binaryCase('notEqual of booleans', tf.notEqual, 'bool', false),
  binaryCase('logicalAnd', tf.logicalAnd, 'bool', false),
  binaryCase('logicalOr', tf.logicalOr, 'bool', false),
  binaryCase('logicalXor', tf.logicalXor, 'bool', false),
  { name: 'logicalNot', make: (random) => ({ inputs: [random.booleans(random.shape())], apply: tf.logicalNot }) },
  binaryCase('div', tf.div, 'float32', true, (x) => x + Math.sign(x)),
  specialPairs('div', tf.div),
  binaryCase('div of integers, by zero too', tf.div, 'int32', false),
  binaryCase('floorDiv', tf.floorDiv, 'float32', false),
  specialPairs('floorDiv', tf.floorDiv),
  binaryCase('floorDiv of integers, by zero too', tf.floorDiv, 'int32', false),
  binaryCase('mod', tf.mod, 'float32', true, (x) => Math.round(x * 4) / 4 + 0.125),
  specialPairs('mod', tf.mod),
  binaryCase('mod of integers, by zero too', tf.mod, 'int32', false),
  binaryCase('pow of integers', tf.pow, 'int32', false),
  {
    name: 'bitwiseAnd',
    make: (random) => {
      const shape = random.shape();
      return { inputs: [random.integers(shape), random.integers(shape)], apply: (a, b) => tf.bitwiseAnd(a!, b!) };
    },
  },
  binaryCase('atan2', tf.atan2, 'float32', true, (x) => x + Math.sign(x) / 8),
  specialPairs('atan2', tf.atan2),
  binaryCase('pow', tf.pow, 'float32', true, (x) => Math.abs(x) + 0.1),
  {
    name: 'pow of NaN, infinities and zeros: powers of 1 are 1, as IEEE 754 has them',
    draws: 1,
    make: () => ({
      inputs: [specialValues, specialColumn],
      apply: (a, b) => tf.pow(a!, b!),
      // JavaScript's, and so the cpu backend's, are NaN for an exponent that is NaN or infinite.
      expected: () => {
        const power = (a: number, b: number) =>
          a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.fround(Math.fround(a) ** Math.fround(b));
        const values = special.flatMap((exponent) => special.map((base) => power(base, exponent)));
        return [{ shape: [special.length, special.length], dtype: 'float32', values }];
      },
    }),
  },
  binaryCase('prelu', (a, b) => tf.prelu(tf.add(a, tf.zerosLike(b)), b), 'float32', true),
  {
    name: 'addN',
    gradient: true,
    make: (random) => {
      const shape = random.shape();
      return { inputs: [1, 2, 3].map(() => random.floats(shape)), apply: (...tensors) => tf.addN(tensors) };
    },
  },
  {
    name: 'the kernel LogSoftmax, which tf.logSoftmax and the cpu backend do without',
    make: (random) => ({
      inputs: [random.floats([random.integer(1, 3), random.integer(1, 4), random.integer(1, 5)])],
      apply: (logits) =>
        tf.getBackend() === 'cpu'
          ? tf.logSoftmax(tf.cast(logits!, 'float32'))
          : (tf
              .engine()
              .runKernel(
                'LogSoftmax',
                { logits: tf.cast(logits!, 'float32') },
                { axis: logits!.rank - 1 },
              ) as tf.Tensor),
    }),
  },
  {
    name: 'exp of integers and tan near a pole, to the last digit',
    draws: 1,
    make: () => ({
      inputs: [{ shape: [4], dtype: 'int32', values: [10, 88, -87, 0] }, floats([-470_910_688, 1e9, 1.5707963, 11])],
      apply: (a, b) => [tf.exp(a!), tf.tan(b!)],
    }),
  },
  {
    name: 'clipByValue of integers',
    make: (random) => ({ inputs: [random.integers(random.shape())], apply: (x) => tf.clipByValue(x, -3, 4) }),
  },
];

function binaryCase(
  name: string,
  run: Binary,
  dtype: DType,
  gradient: boolean,
  adjust: (x: number) => number = (x) => x,
): KernelCase {
  return {
    name,
    gradient,
    draws: 6,
    make: (random) => {
      const inputs = random.broadcastPair().map((shape) => {
        const input = random.numbers(shape, dtype);
        return input.dtype === 'float32' ? { ...input, values: input.values.map(adjust) } : input;
      });
      const oracle = dtype === 'int32' ? exact[name.replace(' of integers', '')] : undefined;
      const expected = oracle && (() => [integerElements(oracle, ...inputs)]);
      return { inputs, apply: run as (...tensors: tf.Tensor[]) => tf.Tensor, expected };
    },
  };
}

function equalShapesCase(name: string, run: Binary): KernelCase {
  return {
    name,
    gradient: true,
    make: (random) => {
      const shape = random.shape();
      return {
        inputs: [random.floats(shape), random.floats(shape)],
        apply: run as (...tensors: tf.Tensor[]) => tf.Tensor,
      };
    },
  };
}

function specialPairs(name: string, run: Binary): KernelCase {
  return {
    name: `${name} of NaN, infinities and zeros`,
    draws: 1,
    make: () => ({
      inputs: [specialValues, specialColumn],
      apply: run as (...tensors: tf.Tensor[]) => tf.Tensor,
    }),
  };
}
