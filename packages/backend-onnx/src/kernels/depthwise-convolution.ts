import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { type ConvolutionAttributes, type FusedInputs, finish } from './convolution';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { reshape, transpose } from './operators';
import { isRegular, planeWindow } from './spatial';
import { convolveWith, correlate, inputGradient } from './window-convolution';

type Conv2DInfo = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** Convolutions of every channel by itself, with their gradients. */
export const depthwiseConvolutionKernels: readonly NativeKernel[] = [
  nativeKernel<tf.DepthwiseConv2dNativeAttrs, 'x' | 'filter'>(
    'DepthwiseConv2dNative',
    floats,
    (trace, { x, filter }, attributes) => {
      const info = depthwiseInfo(x.shape, filter.shape, attributes);
      return info && convolveDepthwise(trace, x, filter, info);
    },
  ),
  nativeKernel<tf.FusedDepthwiseConv2DAttrs, FusedInputs>(
    'FusedDepthwiseConv2D',
    floats,
    (trace, inputs, attributes) => {
      const info = depthwiseInfo(inputs.x.shape, inputs.filter.shape, attributes);
      if (info === null) return null;
      const convolved = convolveDepthwise(trace, inputs.x, inputs.filter, info);
      return finish(trace, convolved, inputs, { ...attributes, dataFormat: 'NHWC' });
    },
  ),
  nativeKernel<tf.DepthwiseConv2dNativeBackpropInputAttrs, 'dy' | 'filter'>(
    'DepthwiseConv2dNativeBackpropInput',
    floats,
    (trace, { dy, filter }, attributes) => {
      const info = depthwiseInfo(attributes.inputShape, filter.shape, attributes);
      return info && inputGradient(trace, dy, weightsOf(trace, filter), planeWindow(info), info.inChannels);
    },
  ),
  nativeKernel<tf.DepthwiseConv2dNativeBackpropFilterAttrs, 'x' | 'dy'>(
    'DepthwiseConv2dNativeBackpropFilter',
    floats,
    (trace, { x, dy }, attributes) => {
      const info = depthwiseInfo(x.shape, attributes.filterShape, attributes);
      if (info === null) return null;
      const { batchSize, inChannels, inHeight, inWidth, filterHeight, filterWidth } = info;
      const byChannel = transpose(trace, x, [3, 0, 1, 2]); // (C, B, H, W)
      const images = reshape(trace, byChannel, [1, inChannels * batchSize, inHeight, inWidth]);
      const gradients = transpose(trace, dy, [3, 0, 1, 2]); // (C·M, B, H', W')
      const filter = correlate(trace, images, gradients, planeWindow(info), inChannels); // (1, C·M, KH, KW)
      const multiplier = info.outChannels / inChannels;
      const split = reshape(trace, filter, [inChannels, multiplier, filterHeight, filterWidth]);
      return transpose(trace, split, [2, 3, 0, 1]);
    },
  ),
];

/** Null for irregular windows: those go through the cpu backend. */
function depthwiseInfo(x: number[], filter: number[], attributes: ConvolutionAttributes): Conv2DInfo | null {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  return isRegular(planeWindow(info)) ? info : null;
}

/** x (B, H, W, C), filter (KH, KW, C, M) → (B, H', W', C·M). */
function convolveDepthwise(trace: Trace, x: Value, filter: Value, info: Conv2DInfo): Value {
  return convolveWith(trace, x, weightsOf(trace, filter), planeWindow(info), info.inChannels);
}

/** (KH, KW, C, M) → (C·M, 1, KH, KW): one group per channel. */
function weightsOf(trace: Trace, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape as Shape4D;
  return reshape(trace, transpose(trace, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}
