import type * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { transpose } from './operators';

/** How a convolution or pooling moves along one axis of the image. */
interface SpatialAxis {
  readonly inSize: number;
  readonly outSize: number;
  readonly stride: number;
  readonly dilation: number;
  readonly filter: number;
  /** Size of the filter with the gaps that dilation makes. */
  readonly effectiveFilter: number;
  /** Padding before the first element. */
  readonly before: number;
}

/** Sizes of a convolution or pooling over any number of axes. */
export interface Window {
  readonly batchSize: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly axes: readonly SpatialAxis[];
}

/** What `backend_util.computeConv2DInfo` and `computePool2DInfo` give, as a window of two axes. */
export function planeWindow(info: tf.backend_util.Conv2DInfo): Window {
  const { batchSize, inChannels, outChannels, padInfo } = info;
  return {
    batchSize,
    inChannels,
    outChannels,
    axes: [
      {
        inSize: info.inHeight,
        outSize: info.outHeight,
        stride: info.strideHeight,
        dilation: info.dilationHeight,
        filter: info.filterHeight,
        effectiveFilter: info.effectiveFilterHeight,
        before: padInfo.top,
      },
      {
        inSize: info.inWidth,
        outSize: info.outWidth,
        stride: info.strideWidth,
        dilation: info.dilationWidth,
        filter: info.filterWidth,
        effectiveFilter: info.effectiveFilterWidth,
        before: padInfo.left,
      },
    ],
  };
}

/** What `backend_util.computeConv3DInfo` and `computePool3DInfo` give, as a window of three axes. */
export function volumeWindow(info: ReturnType<typeof tf.backend_util.computeConv3DInfo>): Window {
  const plane = planeWindow(info as never);
  const depth: SpatialAxis = {
    inSize: info.inDepth,
    outSize: info.outDepth,
    stride: info.strideDepth,
    dilation: info.dilationDepth,
    filter: info.filterDepth,
    effectiveFilter: info.effectiveFilterDepth,
    before: info.padInfo.front,
  };
  return { ...plane, axes: [depth, ...plane.axes] };
}

/** (B, …, C) → (B, C, …), the order ONNX computes in. */
export function channelsFirst(trace: Trace, x: Value): Value {
  const rank = x.shape.length;
  return transpose(trace, x, [0, rank - 1, ...range(1, rank - 1)]);
}

/** (B, C, …) → (B, …, C), the order TensorFlow.js keeps. */
export function channelsLast(trace: Trace, x: Value): Value {
  return transpose(trace, x, [0, ...range(2, x.shape.length), 1]);
}

/** Strides and dilations as ONNX attributes. */
export function steps({ axes }: Window) {
  return { strides: axes.map(({ stride }) => stride), dilations: axes.map(({ dilation }) => dilation) };
}

/** The paddings [before each axis, after each axis] that give exactly the window's output size. */
export function paddings({ axes }: Window): number[] {
  const after = axes.map(
    ({ outSize, stride, effectiveFilter, inSize, before }) =>
      (outSize - 1) * stride + effectiveFilter - inSize - before,
  );
  return [...axes.map(({ before }) => before), ...after.map((size) => Math.max(0, size))];
}

/**
 * True if ONNX finds the same output size. TensorFlow.js takes the height's filter and stride for the width too where
 * padding is one number, and then leaves out positions that fit, or none is left; its padding may be negative.
 */
export function isRegular(window: Window): boolean {
  const pads = paddings(window);
  return window.axes.every(({ before, inSize, outSize, stride, effectiveFilter }, i) => {
    const padded = before + inSize + pads[i + window.axes.length]!;
    return before >= 0 && outSize > 0 && Math.floor((padded - effectiveFilter) / stride) + 1 === outSize;
  });
}

/** Attributes with which a transposed convolution gives back exactly the window's input size. */
export function transposedWindow(window: Window) {
  const { axes } = window;
  const rest = axes.map(
    ({ outSize, stride, effectiveFilter, before, inSize }) =>
      (outSize - 1) * stride + effectiveFilter - before - inSize,
  );
  return {
    ...steps(window),
    pads: [...axes.map(({ before }) => before), ...rest.map((size) => Math.max(0, size))],
    output_padding: rest.map((size) => Math.max(0, -size)),
  };
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
