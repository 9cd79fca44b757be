import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { integerProduct, integerSum } from './integer-reductions';
import { booleans, dense, type NativeKernel, nativeKernel } from './native-kernel';
import { cast, filled, int64, reshape, scalar } from './operators';

interface ReductionAttributes {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}

/** Sums, means, extremes and running sums. */
export const reductionKernels: readonly NativeKernel[] = [
  nativeKernel<ReductionAttributes, 'x'>('Sum', dense, (trace, { x }, { axis, keepDims }) =>
    sum(trace, integerOf(trace, x), axis, keepDims),
  ),
  reduction('Mean', 'ReduceMean', dense, (trace, x) => cast(trace, x, ElementType.float32)),
  reduction('Prod', 'ReduceProd', dense, (trace, x) => integerOf(trace, x)),
  reduction('All', 'ReduceMin', booleans),
  reduction('Any', 'ReduceMax', booleans),
  extreme('Max', 'ReduceMax'),
  extreme('Min', 'ReduceMin'),
  position('ArgMax'),
  position('ArgMin'),
  nativeKernel<tf.CumsumAttrs, 'x'>('Cumsum', dense, (trace, { x }, { axis, exclusive, reverse }) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
    const summed = integerOf(trace, x);
    return trace.add('CumSum', [summed, scalar(along!, ElementType.int64)], x.shape, summed.type, attributes);
  }),
  nativeKernel<tf.CumprodAttrs, 'x'>('Cumprod', dense, (trace, { x }, { axis, exclusive, reverse }) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const factors = integerOf(trace, x);
    const start = exclusive ? shifted(trace, factors, along!, 1, reverse) : factors;
    return runningProduct(trace, start, along!, reverse);
  }),
];

/** In steps of doubling length: ONNX has no such operator. */
function runningProduct(trace: Trace, x: Value, axis: number, reverse: boolean): Value {
  let product = x;
  for (let step = 1; step < x.shape[axis]!; step *= 2) {
    product = trace.add('Mul', [product, shifted(trace, product, axis, step, reverse)], x.shape, x.type);
  }
  return product;
}

/** Elements from some places before (or, in reverse, after), and ones where there are none. */
function shifted(trace: Trace, x: Value, axis: number, places: number, reverse: boolean): Value {
  const none = x.shape.map(() => 0);
  const [before, after] = [none.slice(), none.slice()];
  before[axis] = reverse ? -places : places;
  after[axis] = -before[axis]!;
  return trace.add('Pad', [x, int64([...before, ...after]), scalar(1, x.type)], x.shape, x.type);
}

function reduction(
  name: string,
  operator: string,
  accepts: NativeKernel['accepts'],
  prepare: (trace: Trace, x: Value) => Value = (_, x) => x,
): NativeKernel {
  return nativeKernel<ReductionAttributes, 'x'>(name, accepts, (trace, { x }, { axis, keepDims }) =>
    reduce(trace, operator, prepare(trace, x), axis, keepDims),
  );
}

/** Max and Min name their axes differently from the other kernels. */
function extreme(name: string, operator: string): NativeKernel {
  return nativeKernel<{ reductionIndices?: number[]; axis?: number[]; keepDims?: boolean }, 'x'>(
    name,
    dense,
    (trace, { x }, { reductionIndices, axis, keepDims }) =>
      reduceToExtreme(trace, operator, x, reductionIndices ?? axis, keepDims),
  );
}

function position(name: 'ArgMax' | 'ArgMin'): NativeKernel {
  return nativeKernel<{ axis: number }, 'x'>(name, dense, (trace, { x }, { axis }) => {
    const axes = tf.util.parseAxisParam(axis, x.shape);
    if (axes.length !== 1) return null;
    const along = axes[0]!;
    const numeric = integerOf(trace, x);
    const compared = numeric.type === ElementType.float32 ? withoutNaN(trace, numeric, along, name) : numeric;
    const shape = x.shape.filter((_, i) => i !== along);
    const found = trace.add(name, [compared], shape, ElementType.int64, { axis: along, keepdims: 0 });
    return cast(trace, found, ElementType.int32);
  });
}

/**
 * NaN never wins against another number, but as on the cpu backend nothing wins against NaN in the first place: there
 * it becomes the strongest number, elsewhere the weakest.
 */
function withoutNaN(trace: Trace, x: Value, along: number, name: 'ArgMax' | 'ArgMin'): Value {
  const strongest = name === 'ArgMax' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const length = x.shape[along]!;
  const first = { values: [strongest], type: x.type, shape: [1] };
  const line = trace.add('Pad', [first, int64([0, length - 1]), scalar(-strongest)], [length], x.type);
  const substitute = reshape(trace, line, [length, ...x.shape.slice(along + 1).map(() => 1)]);
  const missing = trace.add('IsNaN', [x], x.shape, ElementType.bool);
  return trace.add('Where', [missing, substitute, x], x.shape, x.type);
}

/** Over all axes if none is given. */
function reduce(
  trace: Trace,
  operator: string,
  x: Value,
  axis: number | number[] | undefined,
  keepDims?: boolean,
): Value {
  const axes = tf.util.parseAxisParam(axis as number, x.shape);
  if (axes.length === 0) return x;
  const shape = keepDims
    ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : x.shape.filter((_, i) => !axes.includes(i));
  if (x.type === ElementType.int32 && operator === 'ReduceSum') return integerSum(trace, x, axes, shape);
  if (x.type === ElementType.int32 && operator === 'ReduceProd') return integerProduct(trace, x, axes, shape);
  return trace.add(operator, [x, int64(axes)], shape, x.type, { keepdims: keepDims ? 1 : 0 });
}

/** Over the first axes, as a bias gradient is, a sum is a product with a row of ones: twice as fast as a reduction. */
function sum(trace: Trace, x: Value, axis: number | number[], keepDims?: boolean): Value {
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const isOverFirst = axes.every((one, i) => one === i) && axes.length < x.shape.length;
  const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
  if (x.type !== ElementType.float32 || !isOverFirst || rows < manyRows) {
    return reduce(trace, 'ReduceSum', x, axis, keepDims);
  }
  const rest = x.shape.slice(axes.length);
  const total = sumOfRows(trace, reshape(trace, x, [rows, tf.util.sizeFromShape(rest)]));
  return reshape(trace, total, keepDims ? [...axes.map(() => 1), ...rest] : rest);
}

/** (rows, columns) → (columns), as a product with a row of ones. */
export function sumOfRows(trace: Trace, x: Value): Value {
  const [rows, columns] = x.shape as [number, number];
  const ones = filled(trace, 1, [1, rows], x.type);
  return reshape(trace, trace.add('MatMul', [ones, x], [1, columns]), [columns]);
}

/** Fewer rows are summed up as fast by a reduction. */
const manyRows = 32;

/** NaN where there is one among the elements; ONNX Runtime's own reduction passes it over. */
function reduceToExtreme(
  trace: Trace,
  operator: string,
  x: Value,
  axis: number[] | undefined,
  keepDims?: boolean,
): Value {
  const result = reduce(trace, operator, x, axis, keepDims);
  if (x.type !== ElementType.float32 || result === x) return result;
  const missing = trace.add('IsNaN', [x], x.shape, ElementType.bool);
  const anyMissing = reduce(trace, 'ReduceMax', missing, axis, keepDims);
  return trace.add('Where', [anyMissing, scalar(Number.NaN), result], result.shape, result.type);
}

/** Booleans are counted as int32. */
function integerOf(trace: Trace, x: Value): Value {
  return x.type === ElementType.bool ? cast(trace, x, ElementType.int32) : x;
}
