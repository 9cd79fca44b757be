import * as tf from '@tensorflow/tfjs';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { dense, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, cast, reshape, scalar, unary, withScalar } from './operators';
import { scatterAdd } from './scatter';

/** Kernels that pick or place elements by index or condition. */
export const indexingKernels: readonly NativeKernel[] = [
  nativeKernel<object, 'condition' | 't' | 'e'>('Select', dense, (trace, { condition, t, e }) => {
    const isPlain = condition.type === ElementType.bool && t.type === e.type;
    if (!isPlain || !tf.util.arraysEqual(condition.shape, t.shape)) return null;
    return t.type === ElementType.bool
      ? selectBoolean(trace, condition, t, e)
      : trace.add('Where', [condition, t, e], t.shape, t.type);
  }),
  nativeKernel<tf.GatherV2Attrs, 'x' | 'indices'>('GatherV2', dense, (trace, { x, indices }, { axis, batchDims }) => {
    if (indices.type !== ElementType.int32) return null;
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    checkIndices('GatherV2', indices, [x.shape[along!]!]);
    const batch = batchDims ?? 0;
    const { outputShape } = tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x as never,
      indices as never,
      along!,
      batch,
    );
    if (batch !== 0) return null;
    return trace.add('Gather', [x, indices], outputShape, x.type, { axis: along! });
  }),
  nativeKernel<object, 'params' | 'indices'>('GatherNd', dense, (trace, { params, indices }) => {
    if (indices.type !== ElementType.int32) return null;
    checkIndices('GatherNd', indices, params.shape.slice(0, indices.shape.at(-1)));
    const [shape] = tf.backend_util.prepareAndValidate(params as never, { ...indices, dtype: 'int32' } as never);
    return trace.add('GatherND', [params, cast(trace, indices, ElementType.int64)], shape, params.type);
  }),
  nativeKernel<tf.ScatterNdAttrs, 'indices' | 'updates'>('ScatterNd', numbers, scatterNd),
  nativeKernel<tf.UnsortedSegmentSumAttrs, 'x' | 'segmentIds'>(
    'UnsortedSegmentSum',
    numbers,
    (trace, { x, segmentIds }, { numSegments }) => segmentSum(trace, x, segmentIds, numSegments),
  ),
  nativeKernel<tf.OneHotAttrs, 'indices'>('OneHot', numbers, (trace, { indices }, attributes) => {
    const { depth, onValue, offValue, dtype } = attributes;
    if (indices.type !== ElementType.int32 || (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool'))
      return null;
    return oneHot(trace, indices, depth, onValue, offValue, ElementType[dtype]);
  }),
  nativeKernel<tf.TopKAttrs, 'x'>('TopK', numbers, (trace, { x }, { k, sorted }) => {
    if (!sorted || k === 0) return null;
    const shape = [...x.shape.slice(0, -1), k];
    const count = { values: [k], type: ElementType.int64, shape: [1] };
    const outputs = [
      { shape, type: x.type },
      { shape, type: ElementType.int64 },
    ];
    const [values, indices] = trace.addMany('TopK', [x, count], outputs, { axis: -1 });
    return [values!, cast(trace, indices!, ElementType.int32)];
  }),
];

/** ONNX Runtime has no Where for booleans on the CPU. */
function selectBoolean(trace: Trace, condition: Value, t: Value, e: Value): Value {
  const kept = binary(trace, 'And', condition, t);
  const other = binary(trace, 'And', unary(trace, 'Not', condition), e);
  return binary(trace, 'Or', kept, other);
}

/**
 * Throws now for an index out of range if the indices are known; else ONNX Runtime does at the run.
 *
 * @param sizes sizes of the axes that the indices, one after the other, go along
 */
function checkIndices(kernel: string, { host }: Value, sizes: readonly number[]): void {
  host?.forEach((index, i) => {
    const size = sizes[i % sizes.length]!;
    if (index < 0 || index >= size) {
      throw new RangeError(`${kernel}: the index value ${index} is not in [0, ${size - 1}]`);
    }
  });
}

function scatterNd(
  trace: Trace,
  { indices, updates }: { indices: Value; updates: Value },
  { shape }: tf.ScatterNdAttrs,
): Value | null {
  if (indices.type !== ElementType.int32) return null;
  const { sliceRank, numUpdates } = tf.backend_util.calculateShapes(updates as never, indices as never, shape);
  if (shape.includes(0)) return null;
  checkIndices('ScatterNd', indices, shape.slice(0, sliceRank));
  const positions = reshape(trace, indices, [numUpdates, sliceRank]);
  const slices = reshape(trace, updates, [numUpdates, ...shape.slice(sliceRank)]);
  return scatterAdd(trace, shape, positions, slices);
}

/** Sums the rows of x (N, …) into `numSegments` rows by their id (N); a row whose id is out of range is left out. */
function segmentSum(trace: Trace, x: Value, ids: Value, numSegments: number): Value | null {
  if (x.type !== ElementType.float32 || ids.type !== ElementType.int32 || ids.shape.length !== 1) return null;
  const rest = x.shape.slice(1);
  const rows = x.shape[0]!;
  let [positions, slices] = [ids, x];
  const areInRange = ids.host?.every((id) => id >= 0 && id < numSegments) ?? false;
  if (!areInRange) {
    const above = withScalar(trace, 'GreaterOrEqual', ids, 0, ElementType.bool);
    const below = withScalar(trace, 'Less', ids, numSegments, ElementType.bool);
    const valid = binary(trace, 'And', above, below);
    const validRows = reshape(trace, valid, [rows, ...rest.map(() => 1)]);
    positions = trace.add('Where', [valid, ids, scalar(0, ids.type)], ids.shape, ids.type);
    slices = trace.add('Where', [validRows, x, scalar(0)], x.shape, x.type);
  }
  return scatterAdd(trace, [numSegments, ...rest], reshape(trace, positions, [rows, 1]), slices);
}

/** By comparison with 0 … depth − 1, so that an index out of range gives a row of `offValue`. */
function oneHot(trace: Trace, indices: Value, depth: number, on: number, off: number, type: ElementType): Value {
  const column = reshape(trace, indices, [...indices.shape, 1]);
  const range = [0, depth, 1].map((value) => scalar(value, ElementType.int32));
  const classes = trace.add('Range', range, [depth], ElementType.int32);
  const hot = binary(trace, 'Equal', column, classes, ElementType.bool);
  if (on === 1 && off === 0) return cast(trace, hot, type);
  const chosen = trace.add('Where', [hot, scalar(on), scalar(off)], hot.shape, ElementType.float32);
  return cast(trace, chosen, type);
}
