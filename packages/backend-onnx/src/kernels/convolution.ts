import * as tf from '@tensorflow/tfjs';
import type { Trace, Value } from '../trace';
import { activate } from './activations';
import { columns, fitsColumns, tilesExactly, untile } from './convolution-columns';
import { matmul } from './matmul';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { binary, reshape, slice, transpose } from './operators';
import { channelsFirst, channelsLast, paddings, steps, transposedWindow, type Window } from './spatial';

type Conv2DInfo = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];
type FusedInputs = 'x' | 'filter' | 'bias' | 'preluActivationWeights';

/** Two-dimensional convolutions (and, through them, one-dimensional ones), plain and depthwise, with their gradients. */
export const convolutionKernels: readonly NativeKernel[] = [
  nativeKernel<tf.Conv2DAttrs, 'x' | 'filter'>('Conv2D', floats, (trace, { x, filter }, attributes) => {
    const info = convolutionInfo(x.shape, filter.shape, attributes);
    return info && convolve(trace, x, filter, info);
  }),
  nativeKernel<tf.FusedConv2DAttrs, FusedInputs>('FusedConv2D', floats, (trace, inputs, attributes) => {
    const info = convolutionInfo(inputs.x.shape, inputs.filter.shape, attributes);
    return info && finish(trace, convolve(trace, inputs.x, inputs.filter, info), inputs, attributes);
  }),
  nativeKernel<tf.Conv2DBackpropInputAttrs, 'dy' | 'filter'>(
    'Conv2DBackpropInput',
    floats,
    (trace, { dy, filter }, attributes) => {
      const info = convolutionInfo(attributes.inputShape, filter.shape, attributes);
      return info && convolutionInputGradient(trace, dy, filter, info);
    },
  ),
  nativeKernel<tf.Conv2DBackpropFilterAttrs, 'x' | 'dy'>(
    'Conv2DBackpropFilter',
    floats,
    (trace, { x, dy }, attributes) => {
      const info = convolutionInfo(x.shape, attributes.filterShape, attributes);
      return info && filterGradient(trace, x, dy, info);
    },
  ),
  nativeKernel<tf.DepthwiseConv2dNativeAttrs, 'x' | 'filter'>(
    'DepthwiseConv2dNative',
    floats,
    (trace, { x, filter }, attributes) =>
      convolveDepthwise(trace, x, filter, depthwiseInfo(x.shape, filter.shape, attributes)),
  ),
  nativeKernel<tf.FusedDepthwiseConv2DAttrs, FusedInputs>(
    'FusedDepthwiseConv2D',
    floats,
    (trace, inputs, attributes) => {
      const info = depthwiseInfo(inputs.x.shape, inputs.filter.shape, attributes);
      return finish(trace, convolveDepthwise(trace, inputs.x, inputs.filter, info), inputs, attributes);
    },
  ),
  nativeKernel<tf.DepthwiseConv2dNativeBackpropInputAttrs, 'dy' | 'filter'>(
    'DepthwiseConv2dNativeBackpropInput',
    floats,
    (trace, { dy, filter }, attributes) => {
      const info = depthwiseInfo(attributes.inputShape, filter.shape, attributes);
      return inputGradient(trace, dy, depthwiseWeights(trace, filter), info, info.inChannels);
    },
  ),
  nativeKernel<tf.DepthwiseConv2dNativeBackpropFilterAttrs, 'x' | 'dy'>(
    'DepthwiseConv2dNativeBackpropFilter',
    floats,
    (trace, { x, dy }, attributes) => {
      const info = depthwiseInfo(x.shape, attributes.filterShape, attributes);
      const { batchSize, inChannels, inHeight, inWidth, filterHeight, filterWidth } = info;
      const byChannel = transpose(trace, x, [3, 0, 1, 2]); // (C, B, H, W)
      const images = reshape(trace, byChannel, [1, inChannels * batchSize, inHeight, inWidth]);
      const gradients = transpose(trace, dy, [3, 0, 1, 2]); // (C·M, B, H', W')
      const filter = correlate(trace, images, gradients, info, inChannels); // (1, C·M, KH, KW)
      const multiplier = info.outChannels / inChannels;
      const split = reshape(trace, filter, [inChannels, multiplier, filterHeight, filterWidth]);
      return transpose(trace, split, [2, 3, 0, 1]);
    },
  ),
];

interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

/** Null where channels come first or in groups: those go through the cpu backend. */
function convolutionInfo(x: number[], filter: number[], attributes: ConvolutionAttributes): Conv2DInfo | null {
  if ((attributes.dataFormat ?? 'NHWC') !== 'NHWC' || x[3] !== filter[2]) return null;
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
}

function depthwiseInfo(x: number[], filter: number[], attributes: ConvolutionAttributes): Conv2DInfo {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
}

/** x (B, H, W, C), filter (KH, KW, C, O) → (B, H', W', O). */
function convolve(trace: Trace, x: Value, filter: Value, info: Conv2DInfo): Value {
  if (tilesExactly(info)) {
    const product = matmul(trace, columns(trace, x, info), matrixOf(trace, filter, info), false, false);
    return reshape(trace, product, [info.batchSize, info.outHeight, info.outWidth, info.outChannels]);
  }
  return convolveWith(trace, x, transpose(trace, filter, [3, 2, 0, 1]), info, 1);
}

/** dy (B, H', W', O), filter (KH, KW, C, O) → (B, H, W, C). */
function convolutionInputGradient(trace: Trace, dy: Value, filter: Value, info: Conv2DInfo): Value {
  if (!tilesExactly(info)) return inputGradient(trace, dy, transpose(trace, filter, [3, 2, 0, 1]), info, 1);
  return untile(trace, matmul(trace, rowsOf(trace, dy, info), matrixOf(trace, filter, info), false, true), info);
}

/** x (B, H, W, C), dy (B, H', W', O) → (KH, KW, C, O). */
function filterGradient(trace: Trace, x: Value, dy: Value, info: Conv2DInfo): Value {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  if (fitsColumns(info)) {
    const product = matmul(trace, columns(trace, x, info), rowsOf(trace, dy, info), true, false);
    return reshape(trace, product, [filterHeight, filterWidth, inChannels, outChannels]);
  }
  const images = transpose(trace, x, [3, 0, 1, 2]); // (C, B, H, W)
  const gradients = transpose(trace, dy, [3, 0, 1, 2]); // (O, B, H', W')
  const filter = correlate(trace, images, gradients, info, 1); // (C, O, KH, KW)
  return transpose(trace, filter, [2, 3, 0, 1]);
}

/** (KH, KW, C, O) → (KH·KW·C, O). */
function matrixOf(trace: Trace, filter: Value, info: Conv2DInfo): Value {
  return reshape(trace, filter, [info.filterHeight * info.filterWidth * info.inChannels, info.outChannels]);
}

/** (B, H', W', O) → (B·H'·W', O). */
function rowsOf(trace: Trace, dy: Value, info: Conv2DInfo): Value {
  return reshape(trace, dy, [info.batchSize * info.outHeight * info.outWidth, info.outChannels]);
}

/** x (B, H, W, C), filter (KH, KW, C, M) → (B, H', W', C·M). */
function convolveDepthwise(trace: Trace, x: Value, filter: Value, info: Conv2DInfo): Value {
  return convolveWith(trace, x, depthwiseWeights(trace, filter), info, info.inChannels);
}

/** (KH, KW, C, M) → (C·M, 1, KH, KW): one group per channel. */
function depthwiseWeights(trace: Trace, filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape as Shape4D;
  return reshape(trace, transpose(trace, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

function convolveWith(trace: Trace, x: Value, weights: Value, info: Conv2DInfo, group: number): Value {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const attributes = { ...steps(info), pads: paddings(info), group };
  return channelsLast(trace, trace.add('Conv', [channelsFirst(trace, x), weights], shape, x.type, attributes));
}

function inputGradient(trace: Trace, dy: Value, weights: Value, info: Conv2DInfo, group: number): Value {
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const attributes = { ...transposedWindow(info), group };
  return channelsLast(
    trace,
    trace.add('ConvTranspose', [channelsFirst(trace, dy), weights], shape, dy.type, attributes),
  );
}

/**
 * The filter gradient is a convolution too: the image with the output gradient as its filter, the batch in the place
 * of the channels, strides and dilations exchanged.
 */
function correlate(trace: Trace, images: Value, gradients: Value, info: Conv2DInfo, group: number): Value {
  const exchanged: Window = {
    ...info,
    outHeight: info.filterHeight,
    outWidth: info.filterWidth,
    strideHeight: info.dilationHeight,
    strideWidth: info.dilationWidth,
    dilationHeight: info.strideHeight,
    dilationWidth: info.strideWidth,
    effectiveFilterHeight: (info.outHeight - 1) * info.strideHeight + 1,
    effectiveFilterWidth: (info.outWidth - 1) * info.strideWidth + 1,
  };
  const pads = paddings(exchanged);
  const [images0, filters] = [images.shape[0]!, gradients.shape[0]!];
  const reach = (size: number, pad: number, filter: number, stride: number) =>
    Math.floor((size + pad - filter) / stride) + 1;
  // Rows at the end that the forward strides never reached give the filter more positions than it has.
  const height = reach(info.inHeight, pads[0] + pads[2], exchanged.effectiveFilterHeight, exchanged.strideHeight);
  const width = reach(info.inWidth, pads[1] + pads[3], exchanged.effectiveFilterWidth, exchanged.strideWidth);
  const attributes = { ...steps(exchanged), pads, group };
  const all = trace.add('Conv', [images, gradients], [images0, filters, height, width], images.type, attributes);
  return slice(trace, all, [0, 0, 0, 0], [images0, filters, info.filterHeight, info.filterWidth]);
}

function finish(
  trace: Trace,
  convolved: Value,
  { bias, preluActivationWeights }: Partial<Record<FusedInputs, Value>>,
  { activation, leakyreluAlpha }: { activation?: string; leakyreluAlpha?: number },
): Value | null {
  const biased = bias === undefined ? convolved : binary(trace, 'Add', convolved, bias);
  return activate(trace, biased, activation, preluActivationWeights, leakyreluAlpha);
}
