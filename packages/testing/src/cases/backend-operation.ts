import type { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** An operation to compare between backends: inputs drawn from a key, and what is computed with them. */
export interface BackendOperation {
  readonly name: string;
  readonly inputs: (key: RandomKey) => readonly tf.Tensor[];
  readonly compute: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** Whether to compare gradients too. */
  readonly differentiable: boolean;
}

/** The operations that models are made of: each in the forms (transposed, batched, broadcast …) that models use. */
export const backendOperations: readonly BackendOperation[] = [
  ...[false, true].flatMap((a) => [false, true].map((b) => matMul(a, b))),
  ...unary({
    abs: tf.abs,
    neg: tf.neg,
    square: tf.square,
    exp: tf.exp,
    tanh: tf.tanh,
    sigmoid: tf.sigmoid,
    relu: tf.relu,
    elu: tf.elu,
    softplus: tf.softplus,
    erf: tf.erf,
    sin: tf.sin,
    cos: tf.cos,
    softmax: (x) => tf.softmax(x),
    logSoftmax: (x) => tf.logSoftmax(x),
    logSumExp: (x) => tf.logSumExp(x, -1),
    sum: (x) => tf.sum(x, [0, -1]),
    mean: (x) => tf.mean(x, -1, true),
    max: (x) => tf.max(x, 1),
    min: (x) => tf.min(x, 1),
    transpose: (x) => tf.transpose(x, [1, 2, 0]),
    reshape: (x) => tf.reshape(x, [-1]),
    pad: (x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
        [1, 1],
      ]),
    tile: (x) => tf.tile(x, [2, 1, 2]),
    slice: (x) => tf.slice(x, [0, 1, 0], [-1, 1, -1]),
    reverse: (x) => tf.reverse(x, 1),
    cumsum: (x) => tf.cumsum(x, 2),
    clip: (x) => tf.clipByValue(x, -0.5, 0.5),
    split: (x) => tf.concat(tf.split(x, [1, x.shape[1]! - 1], 1).reverse(), 1),
    stack: (x) => tf.stack([x, tf.neg(x)], 1),
  }),
  ...positive({ sqrt: tf.sqrt, rsqrt: tf.rsqrt, log: tf.log, reciprocal: tf.reciprocal, log1p: tf.log1p }),
  ...binary({ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum }),
  ...discrete({
    argMax: (x) => tf.argMax(x, -1),
    greater: (x) => tf.greater(x, 0),
    floor: tf.floor,
    round: tf.round,
    sign: tf.sign,
    cast: (x) => tf.cast(x, 'int32'),
    topk: (x) => tf.topk(x, 2).indices,
  }),
  {
    name: 'where with NaN in what it leaves out',
    inputs: (key) => {
      const shape = someShape(key);
      const condition = tf.tensor(key.fold('condition').bernoulli(size(shape), 0.5), shape, 'bool');
      return [condition, tf.where(condition, normal(key, shape), tf.fill(shape, Number.NaN))];
    },
    compute: (condition, values) => tf.where(condition, values, tf.zerosLike(values)),
    differentiable: false,
  },
  {
    name: 'gather',
    inputs: (key) => [normal(key, [5, 3]), tf.tensor1d(key.fold('rows').shuffle(5).slice(0, 4), 'int32')],
    compute: (table, rows) => tf.gather(table, rows as tf.Tensor1D),
    differentiable: true,
  },
  {
    name: 'oneHot',
    inputs: (key) => [tf.tensor1d(key.shuffle(5), 'int32')],
    compute: (classes) => tf.oneHot(classes as tf.Tensor1D, 6),
    differentiable: false,
  },
  ...[1, 2].map((stride) => convolution(stride)),
  {
    name: 'depthwiseConv2d',
    inputs: (key) => [normal(key.fold(0), [2, 6, 5, 3]), normal(key.fold(1), [3, 3, 3, 2])],
    compute: (image, filter) => tf.depthwiseConv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
    differentiable: true,
  },
  {
    name: 'maxPool',
    inputs: (key) => [normal(key, [2, 6, 4, 3])],
    compute: (image) => tf.maxPool(image as tf.Tensor4D, 2, 2, 'valid'),
    differentiable: true,
  },
  {
    name: 'avgPool',
    inputs: (key) => [normal(key, [2, 6, 4, 3])],
    compute: (image) => tf.avgPool(image as tf.Tensor4D, 2, 2, 'valid'),
    differentiable: true,
  },
];

type Unary = (input: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

function unary(operations: Readonly<Record<string, Unary>>): BackendOperation[] {
  return Object.entries(operations).map(([name, compute]) => ({
    name,
    inputs: (key) => [normal(key, someShape(key))],
    compute,
    differentiable: true,
  }));
}

function positive(operations: Readonly<Record<string, Unary>>): BackendOperation[] {
  return unary(operations).map((operation) => ({
    ...operation,
    inputs: (key) => [tf.add(tf.abs(normal(key, someShape(key))), 0.1)],
  }));
}

function discrete(operations: Readonly<Record<string, Unary>>): BackendOperation[] {
  return unary(operations).map((operation) => ({ ...operation, differentiable: false }));
}

/** Between equal shapes, and with either side broadcast. */
function binary(operations: Readonly<Record<string, Binary>>): BackendOperation[] {
  const forms: Readonly<Record<string, (shape: number[]) => readonly [number[], number[]]>> = {
    'equal shapes': (shape) => [shape, shape],
    'a vector on the right': (shape) => [shape, shape.slice(-1)],
    'a column on the left': ([b, n, d]) => [
      [b, n, 1],
      [b, 1, d],
    ],
    'a scalar on the right': (shape) => [shape, []],
  };
  return Object.entries(operations).flatMap(([name, compute]) =>
    Object.entries(forms).map(([form, shapes]) => ({
      name: `${name} with ${form}`,
      inputs: (key: RandomKey) => {
        const [left, right] = shapes(someShape(key));
        return [normal(key.fold(0), left), tf.add(tf.abs(normal(key.fold(1), right)), 0.5)];
      },
      compute,
      // TensorFlow.js 4.22 does not sum the gradient of a broadcast side of these two, on any backend.
      differentiable: form === 'equal shapes' || !['maximum', 'minimum'].includes(name),
    })),
  );
}

function matMul(transposeA: boolean, transposeB: boolean): BackendOperation {
  const form = `${transposeA ? 'transposed' : 'plain'} × ${transposeB ? 'transposed' : 'plain'}`;
  return {
    name: `matMul, batched, ${form}`,
    inputs: (key) => {
      const [b, n, d] = someShape(key);
      const k = key.fold('inner').integer(1, 70); // beyond 48, where a kernel may change its way
      return [
        normal(key.fold(0), transposeA ? [b, k, n] : [b, n, k]),
        normal(key.fold(1), transposeB ? [b, d, k] : [b, k, d]),
      ];
    },
    compute: (a, b) => tf.matMul(a, b, transposeA, transposeB),
    differentiable: true,
  };
}

function convolution(stride: number): BackendOperation {
  return {
    name: `conv2d, stride ${stride}`,
    inputs: (key) => [normal(key.fold(0), [2, 7, 6, 3]), normal(key.fold(1), [3, 2, 3, 4])],
    compute: (image, filter) => tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same'),
    differentiable: true,
  };
}

function someShape(key: RandomKey): [number, number, number] {
  const length = (axis: string) => key.fold(axis).integer(2, 6);
  return [length('b'), length('n'), length('d')];
}

function normal(key: RandomKey, shape: readonly number[]): tf.Tensor {
  return tf.tensor(key.normal(size(shape)), [...shape]);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
