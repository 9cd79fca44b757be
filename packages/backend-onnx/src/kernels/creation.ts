import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import { dense, type NativeKernel, nativeKernel } from './native-kernel';
import { filled, filledByInput } from './operators';

/** Kernels that make values out of a shape. */
export const creationKernels: readonly NativeKernel[] = [
  nativeKernel<tf.FillAttrs>('Fill', dense, (trace, _, { shape, value, dtype }) => {
    const type = dtype ?? tf.util.inferDtype(value);
    if (type !== 'float32' && type !== 'int32' && type !== 'bool') return null;
    if (value === 0 || value === 1) return filled(trace, value, shape, ElementType[type]);
    // Any other value is an input of the program, so that a fill which changes from step to step is compiled once.
    return filledByInput(trace, value as number, shape, ElementType[type]);
  }),
  nativeKernel<object, 'x'>('ZerosLike', dense, (trace, { x }) => filled(trace, 0, x.shape, x.type)),
  nativeKernel<object, 'x'>('OnesLike', dense, (trace, { x }) => filled(trace, 1, x.shape, x.type)),
];
