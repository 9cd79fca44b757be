import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { binary, expand, reshape, scalar, withScalar } from './operators';
import { checkIndices, scatterAdd, scatterUpdate } from './scatter';

/** Attributes of a TensorScatterUpdate that TensorFlow.js does not know, and need not. */
type DistinctUpdates = {
  /** Whether no position repeats, as the caller knows. */
  readonly areDistinct?: boolean;
};

/** Kernels that place slices by index. */
export const scatterKernels: readonly NativeKernel[] = [
  nativeKernel<tf.ScatterNdAttrs, 'indices' | 'updates'>(
    'ScatterNd',
    numbers,
    (trace, { indices, updates }, { shape }) => {
      const parts = partsOf(trace, 'ScatterNd', indices, updates, shape);
      return parts && scatterAdd(trace, shape, parts.positions, parts.slices);
    },
  ),
  nativeKernel<DistinctUpdates, 'tensor' | 'indices' | 'updates'>(
    'TensorScatterUpdate',
    numbers,
    (trace, { tensor, indices, updates }, { areDistinct }) => {
      if (tensor.type !== updates.type) return null;
      const parts = partsOf(trace, 'TensorScatterUpdate', indices, updates, tensor.shape);
      return parts && scatterUpdate(trace, tensor, parts.positions, parts.slices, areDistinct);
    },
  ),
  nativeKernel<tf.SparseToDenseAttrs, 'sparseIndices' | 'sparseValues' | 'defaultValue'>(
    'SparseToDense',
    numbers,
    (trace, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
      if (sparseValues.type !== defaultValue.type) return null;
      const parts = partsOf(trace, 'SparseToDense', sparseIndices, sparseValues, outputShape);
      if (parts === null) return null;
      const background = expand(trace, defaultValue, outputShape, defaultValue.type);
      return scatterUpdate(trace, background, parts.positions, parts.slices);
    },
  ),
  nativeKernel<tf.UnsortedSegmentSumAttrs, 'x' | 'segmentIds'>(
    'UnsortedSegmentSum',
    numbers,
    (trace, { x, segmentIds }, { numSegments }) => segmentSum(trace, x, segmentIds, numSegments),
  ),
];

/** Positions (N, R) and the slices (N, …) that go there; a single update may go to many positions. */
function partsOf(trace: Trace, kernel: string, indices: Value, updates: Value, shape: number[]) {
  if (indices.type !== ElementType.int32) return null;
  const { sliceRank, numUpdates } = tf.backend_util.calculateShapes(updates as never, indices as never, shape);
  const sliceShape = [numUpdates, ...shape.slice(sliceRank)];
  if (shape.includes(0) || tf.util.sizeFromShape(sliceShape) !== tf.util.sizeFromShape(updates.shape)) return null;
  checkIndices(kernel, indices, shape.slice(0, sliceRank));
  return {
    positions: reshape(trace, indices, [numUpdates, sliceRank]),
    slices: reshape(trace, updates, sliceShape),
  };
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
