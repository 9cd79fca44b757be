import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { dense, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { cast, expand, filled, int64, reshape, scalar, slice, transpose } from './operators';

/** Kernels that move elements without looking at them. */
export const layoutKernels: readonly NativeKernel[] = [
  nativeKernel<tf.TransposeAttrs, 'x'>('Transpose', dense, (trace, { x }, { perm }) => transpose(trace, x, perm)),
  nativeKernel<tf.SliceAttrs, 'x'>('Slice', dense, (trace, { x }, attributes) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as never, attributes.begin, attributes.size);
    tf.slice_util.assertParamsValid(x as never, begin, size);
    return slice(trace, x, begin, size);
  }),
  nativeKernel<tf.StridedSliceAttrs, 'x'>('StridedSlice', dense, stridedSlice),
  nativeKernel<tf.ConcatAttrs>('Concat', dense, (trace, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const [along] = tf.util.parseAxisParam(axis, parts[0]!.shape);
    return concat(trace, parts, along!);
  }),
  nativeKernel<tf.PackAttrs>('Pack', dense, (trace, inputs, { axis }) => {
    const parts = Object.values(inputs);
    for (const { shape } of parts) {
      tf.util.assertShapesMatch(shape, parts[0]!.shape, 'All tensors passed to stack must have matching shapes');
    }
    const shape = parts[0]!.shape.slice();
    const along = axis < 0 ? axis + shape.length + 1 : axis;
    shape.splice(along, 0, 1);
    return concat(
      trace,
      parts.map((part) => reshape(trace, part, shape)),
      along,
    );
  }),
  nativeKernel<tf.UnpackAttrs, 'value'>('Unpack', dense, (trace, { value }, { axis }) => {
    const [along] = tf.util.parseAxisParam(axis, value.shape);
    const sizes = new Array<number>(value.shape[along!]!).fill(1);
    const shape = value.shape.filter((_, i) => i !== along);
    return split(trace, value, sizes, along!).map((part) => reshape(trace, part, shape));
  }),
  nativeKernel<tf.SplitVAttrs, 'x'>('SplitV', dense, (trace, { x }, { numOrSizeSplits, axis }) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const sizes = tf.backend_util.prepareSplitSize(x as never, numOrSizeSplits, along!);
    return sizes.includes(0) ? null : split(trace, x, sizes, along!);
  }),
  nativeKernel<tf.TileAttrs, 'x'>('Tile', dense, (trace, { x }, { reps }) => {
    const shape = x.shape.map((size, axis) => size * reps[axis]!);
    const isBroadcast = x.shape.every((size, axis) => size === 1 || reps[axis] === 1);
    if (isBroadcast) return expand(trace, x, shape, x.type);
    return trace.add('Tile', [x, int64(reps)], shape, x.type);
  }),
  nativeKernel<tf.PadV2Attrs, 'x'>('PadV2', dense, (trace, { x }, { paddings, constantValue }) =>
    pad(trace, x, paddings, 'constant', constantValue),
  ),
  nativeKernel<tf.MirrorPadAttrs, 'x'>('MirrorPad', numbers, (trace, { x }, { paddings, mode }) =>
    mode === 'reflect' ? pad(trace, x, paddings, 'reflect', 0) : padSymmetrically(trace, x, paddings),
  ),
  nativeKernel<tf.ReverseAttrs, 'x'>('Reverse', dense, (trace, { x }, { dims }) =>
    reverse(trace, x, tf.util.parseAxisParam(dims, x.shape)),
  ),
  nativeKernel<object, 'image'>('FlipLeftRight', dense, (trace, { image }) => reverse(trace, image, [2])),
  nativeKernel<object, 'x'>('Diag', dense, (trace, { x }) => {
    const size = tf.util.sizeFromShape(x.shape);
    const square = [size, size];
    const line = cast(trace, reshape(trace, x, [1, size]), x.type === ElementType.bool ? ElementType.int32 : x.type);
    const eye = trace.add('EyeLike', [filled(trace, 0, square, ElementType.int32)], square, ElementType.int32);
    const onDiagonal = cast(trace, eye, ElementType.bool);
    const diagonal = trace.add('Where', [onDiagonal, line, scalar(0, line.type)], square, line.type);
    return reshape(trace, cast(trace, diagonal, x.type), [...x.shape, ...x.shape]);
  }),
];

function concat(trace: Trace, parts: readonly Value[], axis: number): Value | null {
  const [first] = parts;
  if (parts.some(({ type }) => type !== first!.type)) return null;
  const shapes = parts.map(({ shape }) => shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  if (parts.length === 1) return first!;
  return trace.add('Concat', parts, tf.backend_util.computeOutShape(shapes, axis), first!.type, { axis });
}

function split(trace: Trace, x: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [reshapedCopy(trace, x)];
  const outputs = sizes.map((size) => ({ shape: x.shape.map((old, i) => (i === axis ? size : old)), type: x.type }));
  return trace.addMany('Split', [x, int64(sizes)], outputs, { axis });
}

/** A list of outputs may not hold an input itself: each is published as data of its own. */
function reshapedCopy(trace: Trace, x: Value): Value {
  return trace.add('Identity', [x], x.shape, x.type);
}

function pad(trace: Trace, x: Value, paddings: readonly [number, number][], mode: string, value: number): Value {
  const shape = x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]);
  const amounts = int64([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return trace.add('Pad', [x, amounts, mode === 'constant' ? scalar(value, x.type) : null], shape, x.type, { mode });
}

/** Each axis by itself: its first elements in reverse order, all of them, and its last ones in reverse order. */
function padSymmetrically(trace: Trace, x: Value, paddings: readonly [number, number][]): Value {
  return paddings.reduce((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded;
    const length = padded.shape[axis]!;
    const part = (begin: number, size: number) => {
      const shape = padded.shape.map((whole, i) => (i === axis ? size : whole));
      const start = shape.map((_, i) => (i === axis ? begin : 0));
      return reverse(trace, slice(trace, padded, start, shape), [axis]);
    };
    const parts = [
      ...(before > 0 ? [part(0, before)] : []),
      padded,
      ...(after > 0 ? [part(length - after, after)] : []),
    ];
    return concat(trace, parts, axis)!;
  }, x);
}

function reverse(trace: Trace, x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  const start = axes.map(() => -1);
  const end = axes.map((axis) => -x.shape[axis]! - 1);
  return trace.add('Slice', [x, int64(start), int64(end), int64(axes), int64(start)], x.shape, x.type);
}

function stridedSlice(trace: Trace, { x }: { x: Value }, attributes: tf.StridedSliceAttrs): Value | null {
  const { finalShape, begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  // A negative end means "before the first element" here, but "counted from the back" in ONNX.
  const ends = end.map((position, axis) => (position < 0 ? -x.shape[axis]! - 1 : position));
  const axes = begin.map((_, axis) => axis);
  const inputs = [x, int64(begin), int64(ends), int64(axes), int64(strides)];
  const shape = tf.slice_util.computeOutShape(begin, end, strides);
  if (shape.includes(0)) return null;
  return reshape(trace, trace.add('Slice', inputs, shape, x.type), finalShape);
}
