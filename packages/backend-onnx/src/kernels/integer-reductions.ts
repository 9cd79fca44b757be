import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { cast, int64, reshape, scalar, slice, transpose } from './operators';

/**
 * Sum of int32 over some axes, modulo 2³² as in TensorFlow.js. ONNX Runtime's own saturates; that of int64 is exact.
 *
 * @param shape of the result
 */
export function integerSum(trace: Trace, x: Value, axes: readonly number[], shape: number[]): Value {
  const wide = cast(trace, x, ElementType.int64);
  const total = trace.add('ReduceSum', [wide, int64(axes)], shape, wide.type, { keepdims: keeps(x, shape) });
  return cast(trace, total, ElementType.int32);
}

/**
 * Product of int32 over some axes, modulo 2³². ONNX Runtime's reductions saturate for every integer type, but its Mul
 * wraps around: so the factors are multiplied pairwise, in halves, until one is left.
 *
 * @param shape of the result
 */
export function integerProduct(trace: Trace, x: Value, axes: readonly number[], shape: number[]): Value {
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const rows = tf.util.sizeFromShape(shape);
  const count = tf.util.sizeFromShape(x.shape) / rows;
  let length = 2 ** Math.ceil(Math.log2(count));
  const lines = reshape(trace, transpose(trace, x, [...rest, ...axes]), [rows, count]);
  const ones = [lines, int64([0, 0, 0, length - count]), scalar(1, x.type)];
  let product = length === count ? lines : trace.add('Pad', ones, [rows, length], x.type);
  while (length > 1) {
    length /= 2;
    const halves = [0, length].map((begin) => slice(trace, product, [0, begin], [rows, length]));
    product = trace.add('Mul', halves, [rows, length], x.type);
  }
  return reshape(trace, product, shape);
}

function keeps(x: Value, shape: readonly number[]): number {
  return shape.length === x.shape.length ? 1 : 0;
}
