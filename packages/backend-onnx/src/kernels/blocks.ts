import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { dense, type NativeKernel, nativeKernel } from './native-kernel';
import { int64, reshape, scalar, slice, transpose } from './operators';

/** Kernels that move blocks between the batch, the channels and the image. */
export const blockKernels: readonly NativeKernel[] = [
  nativeKernel<tf.DepthToSpaceAttrs, 'x'>('DepthToSpace', dense, (trace, { x }, { blockSize, dataFormat }) => {
    if (dataFormat !== 'NHWC') return null;
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const depth = channels / (blockSize * blockSize);
    const blocks = reshape(trace, x, [batch, height, width, blockSize, blockSize, depth]);
    const rows = transpose(trace, blocks, [0, 1, 3, 2, 4, 5]);
    return reshape(trace, rows, [batch, height * blockSize, width * blockSize, depth]);
  }),
  nativeKernel<tf.BatchToSpaceNDAttrs, 'x'>('BatchToSpaceND', dense, batchToSpace),
  nativeKernel<tf.SpaceToBatchNDAttrs, 'x'>('SpaceToBatchND', dense, spaceToBatch),
];

/** Lays the blocks of the batch (N₁ · N₂ … · B, …) side by side, and cuts off the crops. */
function batchToSpace(trace: Trace, { x }: { x: Value }, { blockShape, crops }: tf.BatchToSpaceNDAttrs): Value | null {
  const blocks = tf.util.sizeFromShape(blockShape);
  const split = tf.backend_util.getReshaped(x.shape, blockShape, blocks);
  const perm = tf.backend_util.getPermuted(split.length, blockShape.length);
  const whole = tf.backend_util.getReshapedPermuted(x.shape, blockShape, blocks);
  const begin = tf.backend_util.getSliceBeginCoords(crops, blockShape.length);
  const size = tf.backend_util.getSliceSize(whole, crops, blockShape.length);
  if (size.some((length) => length <= 0)) return null;
  const joined = reshape(trace, transpose(trace, reshape(trace, x, split), perm), whole);
  const rest = whole.slice(begin.length);
  return slice(trace, joined, [...begin, ...rest.map(() => 0)], [...size.slice(0, begin.length), ...rest]);
}

/** Pads the image and makes each of its blocks' places an image of its own. */
function spaceToBatch(trace: Trace, { x }: { x: Value }, { blockShape, paddings }: tf.SpaceToBatchNDAttrs): Value {
  const all = [[0, 0], ...paddings, ...x.shape.slice(paddings.length + 1).map(() => [0, 0])] as [number, number][];
  const shape = x.shape.map((size, axis) => size + all[axis]![0] + all[axis]![1]);
  const amounts = int64([...all.map(([before]) => before), ...all.map(([, after]) => after)]);
  const padded = trace.add('Pad', [x, amounts, scalar(0, x.type)], shape, x.type);
  const blocks = tf.util.sizeFromShape(blockShape);
  const split = tf.backend_util.getReshaped(shape, blockShape, blocks, false);
  const perm = tf.backend_util.getPermuted(split.length, blockShape.length, false);
  const batches = tf.backend_util.getReshapedPermuted(shape, blockShape, blocks, false);
  return reshape(trace, transpose(trace, reshape(trace, padded, split), perm), batches);
}
