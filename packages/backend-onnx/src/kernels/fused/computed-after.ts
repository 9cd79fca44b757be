import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../../onnx/element-type';
import type { Trace, Value } from '../../trace';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, reshape, slice } from '../operators';

/**
 * `ComputedAfter`: x and other tensors → x, to be had once the others are computed. ONNX Runtime does not see that it is x, and so neither
 * takes what is computed of it for what it has, nor computes it before.
 */
export const orderKernels: readonly NativeKernel[] = [
  nativeKernel<object, string>('ComputedAfter', floats, (trace, { x, ...others }) =>
    computedAfter(trace, x!, Object.values(others)),
  ),
];

/** As the kernel `ComputedAfter`. */
export function computedAfter(trace: Trace, x: Value, others: readonly Value[]): Value {
  const firsts = others.map((other) =>
    slice(trace, reshape(trace, other, [tf.util.sizeFromShape(other.shape)]), [0], [1]),
  );
  const sum = firsts.length === 1 ? firsts[0]! : trace.add('Sum', firsts, [1]);
  const scalar = reshape(trace, sum, []); // so that x may be one
  const isNumber = binary(trace, 'Equal', scalar, scalar, ElementType.bool);
  return trace.add('Where', [isNumber, x, x], x.shape); // x, be it a number or not
}
