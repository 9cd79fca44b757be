import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { activate } from './activations';
import { columns, fitsColumns, picturesAtOnce, tilesExactly, untile } from './convolution-columns';
import { matmul } from './matmul';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { binary, reshape, slice, transpose } from './operators';
import { channelsFirst, channelsLast, isRegular, planeWindow } from './spatial';
import { convolveWith, correlate, inputGradient } from './window-convolution';

type Conv2DInfo = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** Inputs of a fused convolution. */
export type FusedInputs = 'x' | 'filter' | 'bias' | 'preluActivationWeights';

/** Attributes that all two-dimensional convolutions have. */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: string;
}

/** Two-dimensional convolutions (and, through them, one-dimensional ones) with their gradients. */
export const convolutionKernels: readonly NativeKernel[] = [
  nativeKernel<tf.Conv2DAttrs, 'x' | 'filter'>('Conv2D', floats, (trace, { x, filter }, attributes) => {
    const info = convolutionInfo(x.shape, filter.shape, attributes);
    return info && outOf(trace, attributes, convolve(trace, into(trace, attributes, x), filter, info));
  }),
  nativeKernel<tf.FusedConv2DAttrs, FusedInputs>('FusedConv2D', floats, (trace, inputs, attributes) => {
    const { x, filter } = inputs;
    const info = convolutionInfo(x.shape, filter.shape, attributes);
    if (info === null) return null;
    const convolved = outOf(trace, attributes, convolve(trace, into(trace, attributes, x), filter, info));
    return finish(trace, convolved, inputs, attributes);
  }),
  nativeKernel<tf.Conv2DBackpropInputAttrs, 'dy' | 'filter'>(
    'Conv2DBackpropInput',
    floats,
    (trace, { dy, filter }, attributes) => {
      const info = convolutionInfo(attributes.inputShape, filter.shape, attributes);
      // TensorFlow.js takes an output gradient of another size than the convolution's output; the cpu backend does, too.
      if (info === null || !tf.util.arraysEqual(dy.shape, info.outShape)) return null;
      const gradient = convolutionInputGradient(trace, into(trace, attributes, dy), filter, info);
      return outOf(trace, attributes, gradient);
    },
  ),
  nativeKernel<tf.Conv2DBackpropFilterAttrs, 'x' | 'dy'>(
    'Conv2DBackpropFilter',
    floats,
    (trace, { x, dy }, attributes) => {
      const info = convolutionInfo(x.shape, attributes.filterShape, attributes);
      if (info === null || !tf.util.arraysEqual(dy.shape, info.outShape)) return null;
      const gradient = filterGradient(trace, into(trace, attributes, x), into(trace, attributes, dy), info);
      return transpose(trace, gradient, [1, 2, 3, 0]);
    },
  ),
];

/** Null for convolutions in groups and irregular windows: those go through the cpu backend. */
function convolutionInfo(x: number[], filter: number[], attributes: ConvolutionAttributes): Conv2DInfo | null {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const first = isChannelsFirst(attributes);
  if (x[first ? 1 : 3] !== filter[2]) return null;
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    first ? 'channelsFirst' : 'channelsLast',
  );
  return isRegular(planeWindow(info)) ? info : null;
}

function isChannelsFirst({ dataFormat }: ConvolutionAttributes): boolean {
  return dataFormat === 'NCHW';
}

/** From the order of the kernel's attributes to the one that everything here computes in, (B, H, W, C). */
function into(trace: Trace, attributes: ConvolutionAttributes, x: Value): Value {
  return isChannelsFirst(attributes) ? channelsLast(trace, x) : x;
}

function outOf(trace: Trace, attributes: ConvolutionAttributes, x: Value): Value {
  return isChannelsFirst(attributes) ? channelsFirst(trace, x) : x;
}

/** x (B, H, W, C), filter (KH, KW, C, O) → (B, H', W', O). */
function convolve(trace: Trace, x: Value, filter: Value, info: Conv2DInfo): Value {
  if (tilesExactly(info)) {
    const product = matmul(trace, columns(trace, x, info), matrixOf(trace, filter, info), false, false);
    return reshape(trace, product, [info.batchSize, info.outHeight, info.outWidth, info.outChannels]);
  }
  return convolveWith(trace, x, transpose(trace, filter, [3, 2, 0, 1]), planeWindow(info), 1);
}

/** dy (B, H', W', O), filter (KH, KW, C, O) → (B, H, W, C). */
function convolutionInputGradient(trace: Trace, dy: Value, filter: Value, info: Conv2DInfo): Value {
  if (!tilesExactly(info)) {
    return inputGradient(trace, dy, transpose(trace, filter, [3, 2, 0, 1]), planeWindow(info), 1);
  }
  return untile(trace, matmul(trace, rowsOf(trace, dy, info), matrixOf(trace, filter, info), false, true), info);
}

/** x (B, H, W, C), dy (B, H', W', O) → (O, KH, KW, C). */
export function filterGradient(trace: Trace, x: Value, dy: Value, info: Conv2DInfo): Value {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  if (fitsColumns(info)) {
    const product = productWithColumns(trace, x, dy, info);
    return reshape(trace, product, [outChannels, filterHeight, filterWidth, inChannels]);
  }
  const images = transpose(trace, x, [3, 0, 1, 2]); // (C, B, H, W)
  const gradients = transpose(trace, dy, [3, 0, 1, 2]); // (O, B, H', W')
  const filter = correlate(trace, images, gradients, planeWindow(info), 1); // (C, O, KH, KW)
  return transpose(trace, filter, [1, 2, 3, 0]);
}

/** The output's gradients times the columns of the image, added up over pieces of the batch: (O, KH·KW·C). */
function productWithColumns(trace: Trace, x: Value, dy: Value, info: Conv2DInfo): Value {
  const { batchSize } = info;
  const step = picturesAtOnce(info);
  let sum: Value | null = null;
  for (let start = 0; start < batchSize; start += step) {
    const own = { ...info, batchSize: Math.min(step, batchSize - start) };
    const [images, gradients] = [x, dy].map((of) =>
      slice(trace, of, [start, 0, 0, 0], [own.batchSize, ...of.shape.slice(1)]),
    ) as [Value, Value];
    const product = matmul(trace, rowsOf(trace, gradients, own), columns(trace, images, own), true, false);
    sum = sum === null ? product : binary(trace, 'Add', sum, product);
  }
  return sum!;
}

/** (KH, KW, C, O) → (KH·KW·C, O). */
function matrixOf(trace: Trace, filter: Value, info: Conv2DInfo): Value {
  return reshape(trace, filter, [info.filterHeight * info.filterWidth * info.inChannels, info.outChannels]);
}

/** (B, H', W', O) → (B·H'·W', O). */
function rowsOf(trace: Trace, dy: Value, info: Conv2DInfo): Value {
  return reshape(trace, dy, [info.batchSize * info.outHeight * info.outWidth, info.outChannels]);
}

/** Adds the bias to a convolution and applies the activation; null if that is unknown. */
export function finish(
  trace: Trace,
  convolved: Value,
  { bias, preluActivationWeights }: Partial<Record<FusedInputs, Value>>,
  attributes: ConvolutionAttributes & { activation?: string; leakyreluAlpha?: number },
): Value | null {
  // One number a channel stands along the last axis, unless channels come first.
  const alongChannels = (x: Value) =>
    isChannelsFirst(attributes) && x.shape.length === 1 ? reshape(trace, x, [x.shape[0]!, 1, 1]) : x;
  const biased = bias === undefined ? convolved : binary(trace, 'Add', convolved, alongChannels(bias));
  const slopes = preluActivationWeights && alongChannels(preluActivationWeights);
  return activate(trace, biased, attributes.activation, slopes, attributes.leakyreluAlpha);
}
