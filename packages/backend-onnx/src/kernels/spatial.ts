import type { Trace, Value } from '../trace';
import { transpose } from './operators';

/** Sizes of a two-dimensional convolution or pooling, as `backend_util.computeConv2DInfo` gives them. */
export interface Window {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly effectiveFilterHeight: number;
  readonly effectiveFilterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/** (B, H, W, C) → (B, C, H, W), the order ONNX computes in. */
export function channelsFirst(trace: Trace, x: Value): Value {
  return transpose(trace, x, [0, 3, 1, 2]);
}

/** (B, C, H, W) → (B, H, W, C), the order TensorFlow.js keeps. */
export function channelsLast(trace: Trace, x: Value): Value {
  return transpose(trace, x, [0, 2, 3, 1]);
}

/** Strides and dilations as ONNX attributes. */
export function steps(window: Window) {
  return {
    strides: [window.strideHeight, window.strideWidth],
    dilations: [window.dilationHeight, window.dilationWidth],
  };
}

/** The paddings [top, left, bottom, right] that give exactly the window's output size. */
export function paddings(window: Window): [number, number, number, number] {
  const { padInfo, inHeight, inWidth, outHeight, outWidth } = window;
  const bottom = (outHeight - 1) * window.strideHeight + window.effectiveFilterHeight - inHeight - padInfo.top;
  const right = (outWidth - 1) * window.strideWidth + window.effectiveFilterWidth - inWidth - padInfo.left;
  return [padInfo.top, padInfo.left, Math.max(0, bottom), Math.max(0, right)];
}

/** Attributes with which a transposed convolution gives back exactly the window's input size. */
export function transposedWindow(window: Window) {
  const { padInfo, inHeight, inWidth, outHeight, outWidth } = window;
  const height = (outHeight - 1) * window.strideHeight + window.effectiveFilterHeight - padInfo.top - inHeight;
  const width = (outWidth - 1) * window.strideWidth + window.effectiveFilterWidth - padInfo.left - inWidth;
  return {
    ...steps(window),
    pads: [padInfo.top, padInfo.left, Math.max(0, height), Math.max(0, width)],
    output_padding: [Math.max(0, -height), Math.max(0, -width)],
  };
}
