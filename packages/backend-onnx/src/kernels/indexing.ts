import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Constant, Trace, Value } from '../trace';
import { dense, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, cast, reshape, scalar, unary, withScalar } from './operators';
import { checkIndices } from './scatter';

/** Kernels that pick or place elements by index or condition. */
export const indexingKernels: readonly NativeKernel[] = [
  nativeKernel<object, 'condition' | 't' | 'e'>('Select', dense, (trace, { condition, t, e }) => {
    const isPlain = condition.type === ElementType.bool && t.type === e.type;
    if (!isPlain || !tf.util.arraysEqual(condition.shape, t.shape)) return null;
    return t.type === ElementType.bool
      ? selectBoolean(trace, condition, t, e)
      : trace.add('Where', withoutBroadcasts([condition, t, e], t.shape), t.shape, t.type);
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
    if (batch === 0) return trace.add('Gather', [x, indices], outputShape, x.type, { axis: along! });
    return reshape(trace, gatherInBatches(trace, x, indices, along!, batch), outputShape);
  }),
  nativeKernel<object, 'params' | 'indices'>('GatherNd', dense, (trace, { params, indices }) => {
    if (indices.type !== ElementType.int32) return null;
    checkIndices('GatherNd', indices, params.shape.slice(0, indices.shape.at(-1)));
    const [shape] = tf.backend_util.prepareAndValidate(params as never, { ...indices, dtype: 'int32' } as never);
    return trace.add('GatherND', [params, cast(trace, indices, ElementType.int64)], shape, params.type);
  }),
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
 * Gathers in every batch by its own indices: from x as one long list of rows, with the start of each batch's rows added.
 *
 * @param x       (batches…, outer…, N, inner…)
 * @param indices (batches…, M…)
 */
function gatherInBatches(trace: Trace, x: Value, indices: Value, axis: number, batchDims: number): Value {
  const size = tf.util.sizeFromShape;
  const length = x.shape[axis]!;
  const batches = size(x.shape.slice(0, batchDims));
  const outer = size(x.shape.slice(batchDims, axis));
  const inner = size(x.shape.slice(axis + 1));
  const count = size(indices.shape.slice(batchDims));
  const bounds = [0, batches * outer * length, length].map((value) => scalar(value, ElementType.int32));
  const starts = trace.add('Range', bounds, [batches * outer], ElementType.int32);
  const places = reshape(trace, inRange(trace, indices, length), [batches, 1, count]);
  const rows = binary(trace, 'Add', reshape(trace, starts, [batches, outer, 1]), places);
  const list = reshape(trace, x, [batches * outer * length, inner]);
  return trace.add('Gather', [list, rows], [batches, outer, count, inner], x.type, { axis: 0 });
}

/** The indices; those out of range, if any may be, become so large that the run fails instead of reading elsewhere. */
function inRange(trace: Trace, indices: Value, length: number): Value {
  if (indices.host !== null) return indices;
  const above = withScalar(trace, 'GreaterOrEqual', indices, 0, ElementType.bool);
  const valid = binary(trace, 'And', above, withScalar(trace, 'Less', indices, length, ElementType.bool));
  return trace.add('Where', [valid, indices, scalar(2 ** 30, indices.type)], indices.shape, indices.type);
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

/** What TensorFlow.js has broadcast, as it was: ONNX Runtime broadcasts while it chooses, in less than half the time. */
function withoutBroadcasts(values: readonly Value[], shape: number[]): readonly (Value | Constant)[] {
  const smaller = values.map((value) => (value.node?.operator === 'Expand' ? value.node.inputs[0]! : value));
  const joint = smaller.map(({ shape }) => [...shape]).reduce(tf.backend_util.assertAndGetBroadcastShape);
  return tf.util.arraysEqual(joint, shape) ? smaller : values;
}
