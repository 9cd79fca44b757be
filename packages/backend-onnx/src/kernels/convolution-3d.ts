import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { transpose } from './operators';
import { isRegular, volumeWindow, type Window } from './spatial';
import { convolveWith, correlate, inputGradient } from './window-convolution';

type Shape5D = [number, number, number, number, number];

interface ConvolutionAttributes {
  readonly strides: [number, number, number] | number;
  readonly pad: 'valid' | 'same';
  readonly dilations?: [number, number, number] | number;
}

/** Three-dimensional convolutions with their gradients. */
export const volumeConvolutionKernels: readonly NativeKernel[] = [
  nativeKernel<tf.Conv3DAttrs, 'x' | 'filter'>('Conv3D', floats, (trace, { x, filter }, attributes) => {
    const window = windowOf(x.shape, filter.shape, attributes);
    return window && convolveWith(trace, x, weightsOf(trace, filter), window, 1);
  }),
  nativeKernel<tf.Conv3DBackpropInputV2Attrs, 'dy' | 'filter'>(
    'Conv3DBackpropInputV2',
    floats,
    (trace, { dy, filter }, attributes) => {
      const window = windowOf(attributes.inputShape, filter.shape, attributes);
      return window && inputGradient(trace, dy, weightsOf(trace, filter), window, 1);
    },
  ),
  nativeKernel<tf.Conv3DBackpropFilterV2Attrs, 'x' | 'dy'>(
    'Conv3DBackpropFilterV2',
    floats,
    (trace, { x, dy }, attributes) => {
      const window = windowOf(x.shape, attributes.filterShape, attributes);
      if (window === null) return null;
      const images = transpose(trace, x, [4, 0, 1, 2, 3]); // (C, B, D, H, W)
      const gradients = transpose(trace, dy, [4, 0, 1, 2, 3]); // (O, B, D', H', W')
      const filter = correlate(trace, images, gradients, window, 1); // (C, O, KD, KH, KW)
      return transpose(trace, filter, [2, 3, 4, 0, 1]);
    },
  ),
];

/** Null for convolutions in groups and irregular windows: those go through the cpu backend. */
function windowOf(x: number[], filter: number[], attributes: ConvolutionAttributes): Window | null {
  if (x[4] !== filter[3]) return null;
  const { strides, dilations, pad } = attributes;
  const info = tf.backend_util.computeConv3DInfo(x as Shape5D, filter as Shape5D, strides, dilations ?? 1, pad);
  const window = volumeWindow(info);
  return isRegular(window) ? window : null;
}

/** (KD, KH, KW, C, O) → (O, C, KD, KH, KW). */
function weightsOf(trace: Trace, filter: Value): Value {
  return transpose(trace, filter, [4, 3, 0, 1, 2]);
}
