import * as tf from '@tensorflow/tfjs-core';
import { dtypeOf, newArray } from '../data-type';
import { ElementType } from '../onnx/element-type';
import type { Constant, Operand, Trace, Value } from '../trace';

/** A constant list of int64: shapes, axes, paddings. */
export function int64(values: readonly number[]): Constant {
  return { values, type: ElementType.int64, shape: [values.length] };
}

/** A constant scalar. */
export function scalar(value: number, type: ElementType = ElementType.float32): Constant {
  return { values: [value], type, shape: [] };
}

/** An element-wise operator with two inputs, broadcast as in TensorFlow.js. */
export function binary(trace: Trace, operator: string, a: Value, b: Value, type: ElementType = a.type): Value {
  return trace.add(operator, [a, b], broadcastShape(a.shape, b.shape), type);
}

/** An element-wise operator with a value and a constant scalar of its type. */
export function withScalar(trace: Trace, operator: string, x: Value, value: number, type: ElementType = x.type): Value {
  return trace.add(operator, [x, scalar(value, x.type)], x.shape, type);
}

/** An element-wise operator with one input. */
export function unary(trace: Trace, operator: string, x: Value, type: ElementType = x.type): Value {
  return trace.add(operator, [x], x.shape, type);
}

/** Converts to another element type as ONNX does; the value itself if it is of that type. */
export function cast(trace: Trace, x: Value, type: ElementType): Value {
  return x.type === type ? x : trace.add('Cast', [x], x.shape, type, { to: type });
}

/**
 * Floats to int32 as JavaScript does it: towards zero, modulo 2³², and 0 for NaN and infinities. (ONNX leaves all but
 * the first open.) Beyond 2⁶² every float is a multiple of 2³², so 0 is exact there too; for doubles it is not.
 */
export function toInt32(trace: Trace, x: Value): Value {
  const isWide = x.type === ElementType.float64;
  const limit = isWide ? Number.POSITIVE_INFINITY : 2 ** 62;
  const isBelow = withScalar(trace, 'Less', unary(trace, 'Abs', x), limit, ElementType.bool);
  const finite = trace.add('Where', [isBelow, x, scalar(0, x.type)], x.shape, x.type);
  const small = isWide ? trace.add('Mod', [finite, scalar(2 ** 32, x.type)], x.shape, x.type, { fmod: 1 }) : finite;
  // The remainder is taken in int64 by hand, because ONNX Runtime fuses two casts in a row and then saturates.
  const shifted = withScalar(trace, 'Add', cast(trace, small, ElementType.int64), 2 ** 31);
  const wrapped = withScalar(trace, 'Sub', withScalar(trace, 'Mod', shifted, 2 ** 32), 2 ** 31);
  return cast(trace, wrapped, ElementType.int32);
}

/** The same elements in another shape; the value itself if it has that shape. */
export function reshape(trace: Trace, x: Value, shape: number[]): Value {
  return trace.reshape(x, shape);
}

/** (…, width) → (rows, width) */
export function rowsOf(trace: Trace, x: Value): Value {
  const width = x.shape.at(-1)!;
  return reshape(trace, x, [tf.util.sizeFromShape(x.shape) / width, width]);
}

/** Permutes the axes; the value itself if nothing moves. */
export function transpose(trace: Trace, x: Value, perm: number[]): Value {
  if (perm.every((from, to) => from === to)) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  return trace.add('Transpose', [x], shape, x.type, { perm });
}

/** The part of `x` from `begin`, of the given size. */
export function slice(trace: Trace, x: Value, begin: readonly number[], size: number[]): Value {
  if (tf.util.arraysEqual(x.shape, size)) return x;
  const end = begin.map((start, axis) => start + size[axis]!);
  return trace.add('Slice', [x, int64(begin), int64(end)], size, x.type);
}

/** Constants up to this size may be folded into the program; larger ones are made at every run. */
const maxFolded = 2 ** 16;

/** A value of this shape that is the same number everywhere. */
export function filled(trace: Trace, value: number, shape: number[], type: ElementType): Value {
  if (tf.util.sizeFromShape(shape) <= maxFolded) return expand(trace, scalar(value, type), shape, type);
  return filledByInput(trace, value, shape, type);
}

/** The same, with the number as an input of the program: another number does not make another program. */
export function filledByInput(trace: Trace, value: number, shape: number[], type: ElementType): Value {
  const array = newArray(dtypeOf(type), 1);
  array[0] = value;
  return expand(trace, trace.input(array, type, []), shape, type);
}

/** Broadcasts to a shape. */
export function expand(trace: Trace, x: Operand, shape: number[], type: ElementType): Value {
  return trace.add('Expand', [x, int64(shape)], shape, type);
}

/** Shape of the broadcast; throws, as TensorFlow.js does, if there is none. */
export function broadcastShape(a: number[], b: number[]): number[] {
  return a === b ? a : tf.backend_util.assertAndGetBroadcastShape(a, b);
}
