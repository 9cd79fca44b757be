import { elementCount } from '../element-count';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { cast, expand, filled, reshape, slice } from './operators';

/** Elements up to which ONNX Runtime runs a ScatterND on one thread (its cost model's own bound is about 210,000). */
const serialElements = 2 ** 17;
/** Targets beyond this size are not worth copying once per part. */
const maxCopiedElements = 2 ** 23;

/**
 * Zeros of a shape with `slices` (N, …) added at `positions` (N, R); several at one position sum up, in order.
 *
 * ONNX Runtime's ScatterND runs parallel over the slices without a lock, and loses sums where positions repeat. So
 * unless they are known to be distinct, it gets parts so small that it stays on one thread, one after the other; and
 * where that would copy a large target too often, ScatterElements does it, which is slower but always serial.
 *
 * @param positions int32 or int64, all within the shape
 */
export function scatterAdd(trace: Trace, shape: number[], positions: Value, slices: Value, distinct = false): Value {
  const zeros = filled(trace, 0, shape, slices.type);
  const [count, depth] = positions.shape as [number, number];
  const size = elementCount(slices.shape);
  if (distinct || size <= serialElements) return scatter(trace, zeros, positions, slices);
  const rows = Math.max(1, Math.floor((serialElements * count) / size));
  const isCheap = elementCount(shape) <= maxCopiedElements || Math.ceil(count / rows) <= 2;
  if (depth === 1 && !isCheap) return scatterElements(trace, zeros, positions, slices);
  let target = zeros;
  for (let start = 0; start < count; start += rows) {
    const part = Math.min(rows, count - start);
    const places = slice(trace, positions, [start, 0], [part, depth]);
    const begin = slices.shape.map((_, axis) => (axis === 0 ? start : 0));
    target = scatter(trace, target, places, slice(trace, slices, begin, [part, ...slices.shape.slice(1)]));
  }
  return target;
}

/**
 * A copy of `target` with the `slices` (N, …) at `positions` (N, R); of several at one position the last one stays.
 * Null if there are so many that ONNX Runtime would place them in parallel, in any order, and positions may repeat.
 */
export function scatterUpdate(
  trace: Trace,
  target: Value,
  positions: Value,
  slices: Value,
  areDistinct = false,
): Value | null {
  if (!areDistinct && elementCount(slices.shape) > serialElements) return null;
  const inputs = [target, cast(trace, positions, ElementType.int64), slices];
  return trace.add('ScatterND', inputs, target.shape, target.type);
}

/**
 * Throws now for an index out of range if the indices are known; else ONNX Runtime does at the run.
 *
 * @param sizes sizes of the axes that the indices, one after the other, go along
 */
export function checkIndices(kernel: string, { host }: Value, sizes: readonly number[]): void {
  host?.forEach((index, i) => {
    const size = sizes[i % sizes.length]!;
    if (index < 0 || index >= size) {
      throw new RangeError(`${kernel}: the index value ${index} is not in [0, ${size - 1}]`);
    }
  });
}

function scatter(trace: Trace, target: Value, positions: Value, slices: Value): Value {
  const inputs = [target, cast(trace, positions, ElementType.int64), slices];
  return trace.add('ScatterND', inputs, target.shape, target.type, { reduction: 'add' });
}

function scatterElements(trace: Trace, zeros: Value, positions: Value, slices: Value): Value {
  const column = reshape(trace, positions, [slices.shape[0]!, ...slices.shape.slice(1).map(() => 1)]);
  const everywhere = expand(trace, cast(trace, column, ElementType.int64), slices.shape, ElementType.int64);
  const attributes = { axis: 0, reduction: 'add' };
  return trace.add('ScatterElements', [zeros, everywhere, slices], zeros.shape, zeros.type, attributes);
}
