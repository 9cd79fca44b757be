import { elementTypeOf, type HeldType, type HostArray, type NumericType } from '../data-type';
import { elementCount } from '../element-count';
import { ExportError } from '../errors';
import { ElementType } from '../onnx/element-type';
import { readStoredValues } from '../stored-values';
import type { Constant } from '../trace';
import type { GraphBuilder } from './graph-builder';
import { equalSizes, isConstant, type SizeExpression } from './size-expression';
import type { TensorValues } from './tensor-values';

/**
 * The target shape of a Reshape. A size that varies is taken over from the input where it stands at the same axis
 * there (0), or left to be inferred where it is the only one left (−1), else computed.
 */
export function reshapeTarget(
  builder: GraphBuilder,
  target: readonly SizeExpression[],
  input: readonly SizeExpression[] | null,
): string {
  const varying = target.flatMap((size, axis) => (isConstant(size) ? [] : [axis]));
  const isKept = (axis: number) => input?.[axis] !== undefined && equalSizes(input[axis], target[axis]!);
  const rest = varying.filter((axis) => !isKept(axis));
  if (rest.length > 1) return builder.sizes(target);
  const values = target.map(([size], axis) => (rest[0] === axis ? -1 : varying.includes(axis) ? 0 : size!));
  return builder.constant(values, ElementType.int64, [values.length]);
}

/** A constant operand with these elements, computed as far as they vary; null for one of higher rank. */
export function computedConstant(
  builder: GraphBuilder,
  { type, shape }: Pick<Constant, 'type' | 'shape'>,
  elements: readonly SizeExpression[],
): string | null {
  if (elements.every(isConstant)) {
    return builder.constant(
      elements.map(([value]) => value!),
      type,
      shape,
    );
  }
  if (shape.length > 1) return null;
  const list = builder.sizes(elements);
  const flat = shape.length === 0 ? builder.add('Squeeze', [list]) : list;
  return type === ElementType.int64 ? flat : builder.add('Cast', [flat], { to: type });
}

/** How {@link unifyTensor} goes about it. */
export interface UnifyTensorOptions {
  /** Name of the variable that it is. */
  readonly name: string | undefined;
  readonly fit: (values: readonly number[]) => SizeExpression | null;
  readonly allowTables: boolean;
  /** The operation that uses it, for messages. */
  readonly where: string;
}

/**
 * One tensor for what a function held at each combination of sizes: a weight, the same values repeated along an axis,
 * a range, a number that grows with a size, or a table of which each size takes the beginning.
 *
 * @returns its name
 * @throws ExportError if it is none of these
 */
export function unifyTensor(
  builder: GraphBuilder,
  tensors: readonly TensorValues[],
  options: UnifyTensorOptions,
): string {
  const [first] = tensors as [TensorValues];
  const isOne = tensors.every((tensor) => tensor === first || sameTensor(tensor, first));
  if (isOne) return addWeight(builder, options.name, first);
  const shape = fitShape(tensors, options.fit);
  const name =
    shape &&
    (growingNumber(builder, tensors, options.fit) ??
      repeated(builder, tensors, shape, options.name) ??
      range(builder, tensors, shape) ??
      (options.allowTables ? table(builder, tensors, shape, options.name) : null));
  if (name) return name;
  throw new ExportError(`A constant of ${options.where} depends on the sizes in no way that a graph can follow.`, {
    expected: 'the same values at all sizes, repeated along an axis, or a range',
    received: tensors.map(({ shape }) => `[${shape}]`).join(', '),
    hint: 'Compute it from tensors, make it an input, or give maxSizes for a table up to these sizes; draw no random numbers.',
  });
}

/** Shorter ones that are no variables are shared with other constants of the same values. */
const shortLength = 16;

function addWeight(builder: GraphBuilder, name: string | undefined, tensor: TensorValues): string {
  const { shape, dtype, stored } = tensor;
  const type = elementTypeOf(dtype as HeldType);
  const kept = stored ? builder.storedWeights?.add(builder, name ?? 'tensor', shape, stored) : undefined;
  if (kept !== undefined) return kept;
  // What becomes part of a graph is not kept beside it.
  const values = stored && tensor.isUnread ? readStoredValues(stored, elementCount(shape)) : tensor.values;
  if (name === undefined && values!.length <= shortLength) return builder.constant([...values!], type, shape);
  return builder.weight(name ?? 'tensor', { type, shape, values: values! });
}

function fitShape(tensors: readonly TensorValues[], fit: UnifyTensorOptions['fit']): SizeExpression[] | null {
  const rank = tensors[0]!.shape.length;
  if (tensors.some(({ shape, dtype }) => shape.length !== rank || dtype !== tensors[0]!.dtype)) return null;
  const sizes = tensors[0]!.shape.map((_, axis) => fit(tensors.map(({ shape }) => shape[axis]!)));
  return sizes.every((size) => size !== null) ? sizes : null;
}

/** A scalar, or a short list, of numbers that grow with the sizes. */
function growingNumber(
  builder: GraphBuilder,
  tensors: readonly TensorValues[],
  fit: UnifyTensorOptions['fit'],
): string | null {
  const { shape, dtype, values } = tensors[0]!;
  if (
    shape.length > 1 ||
    values!.length > 8 ||
    tensors.some(({ values }) => values!.length !== tensors[0]!.values!.length)
  )
    return null;
  const elements = [...values!].map((_, i) => fit(tensors.map(({ values }) => values![i]!)));
  if (!elements.every((element) => element !== null)) return null;
  return computedConstant(builder, { type: elementTypeOf(dtype as NumericType), shape }, elements);
}

/** Values that repeat along every axis whose size varies. */
function repeated(
  builder: GraphBuilder,
  tensors: readonly TensorValues[],
  shape: readonly SizeExpression[],
  name: string | undefined,
): string | null {
  const small = tensors.map((tensor) => firstsAlong(tensor, shape));
  const [first] = small;
  if (first == null || !small.every((tensor) => tensor !== null && sameTensor(tensor, first))) return null;
  return builder.add('Expand', [addWeight(builder, name, first), builder.sizes(shape)]);
}

/** The tensor with size 1 along the axes that vary; null if its values differ along one of them. */
function firstsAlong({ shape, dtype, values }: TensorValues, sizes: readonly SizeExpression[]): TensorValues | null {
  const small = shape.map((size, axis) => (isConstant(sizes[axis]!) ? size : 1));
  const firsts = block(values!, shape, small);
  const isRepeated = values!.every((value, i) => Object.is(value, firsts[positionIn(i, shape, small)]));
  return isRepeated ? { shape: small, dtype, values: firsts } : null;
}

/** start, start + step, start + 2 step, … along the only axis that is longer than 1. */
function range(
  builder: GraphBuilder,
  tensors: readonly TensorValues[],
  shape: readonly SizeExpression[],
): string | null {
  const { values, dtype } = tensors[0]!;
  const [start, step] = [values![0]!, values![1]! - values![0]!];
  const isRange = tensors.every(({ values }) => values!.every((value, i) => value === start + i * step));
  const long = shape.filter((size) => !(isConstant(size) && size[0] === 1));
  if (!isRange || long.length !== 1 || dtype === 'bool') return null;
  const type = elementTypeOf(dtype as NumericType);
  const [zero, one] = [0, 1].map((value) => builder.constant([value], ElementType.int64, []));
  const count = builder.add('Squeeze', [builder.sizes(long)]);
  const steps = builder.add('Cast', [builder.add('Range', [zero!, count, one!])], { to: type });
  const scaled = builder.add('Mul', [steps, builder.constant([step], type, [])]);
  const shifted = builder.add('Add', [scaled, builder.constant([start], type, [])]);
  return shape.length === 1 ? shifted : builder.add('Reshape', [shifted, reshapeTarget(builder, shape, null)]);
}

/** Values of which a smaller size has the beginning of a larger one's, cut out of the largest, which came last. */
function table(
  builder: GraphBuilder,
  tensors: readonly TensorValues[],
  shape: readonly SizeExpression[],
  name: string | undefined,
): string | null {
  const largest = tensors.at(-1)!;
  const isBeginning = ({ shape, values }: TensorValues) => {
    if (shape.some((size, axis) => size > largest.shape[axis]!)) return false;
    const beginning = block(largest.values!, largest.shape, shape);
    return values!.every((value, i) => Object.is(value, beginning[i]));
  };
  if (!tensors.every(isBeginning)) return null;
  const starts = builder.constant(new Array<number>(shape.length).fill(0), ElementType.int64, [shape.length]);
  return builder.add('Slice', [addWeight(builder, name, largest), starts, builder.sizes(shape)]);
}

/** The first elements along each axis, as many as `small` says. */
function block(values: HostArray, shape: readonly number[], small: readonly number[]): HostArray {
  const length = small.reduce((product, size) => product * size, 1);
  const result = values.slice(0, length);
  for (let i = 0; i < length; i++) result[i] = values[positionIn(i, small, shape)]!;
  return result;
}

/** Flat position in `to` of the element at a flat position in `from`; 0 along an axis of size 1. */
function positionIn(position: number, from: readonly number[], to: readonly number[]): number {
  let [rest, stride, result] = [position, 1, 0];
  for (let axis = from.length - 1; axis >= 0; axis--) {
    const index = rest % from[axis]!;
    rest = Math.floor(rest / from[axis]!);
    result += to[axis] === 1 ? 0 : index * stride;
    stride *= to[axis]!;
  }
  return result;
}

function sameTensor(a: TensorValues, b: TensorValues): boolean {
  return (
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis]) &&
    a.values!.every((value, i) => Object.is(value, b.values![i]))
  );
}
