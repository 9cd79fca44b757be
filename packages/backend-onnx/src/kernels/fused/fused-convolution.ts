import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../../trace';
import { filterGradient } from '../convolution';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { reshape, rowsOf, transpose } from '../operators';
import { sumOfRows } from '../reductions';
import { isRegular, planeWindow, type Window } from '../spatial';
import { convolveWith, correlate, inputGradient } from '../window-convolution';

interface ConvolutionAttributes {
  readonly groups: number;
  /** Of height and width, like all that follow. */
  readonly strides: [number, number];
  /** Zeros added at both ends. */
  readonly padding: [number, number];
  readonly dilations: [number, number];
}

type Shape4D = [number, number, number, number];

/**
 * Convolutions, perhaps in groups of channels, with weights in the order of ONNX.
 *
 * `FusedConvolution`: x (B, H, W, C), weight (O, C / groups, KH, KW), bias (O)? → y (B, H', W', O).
 * `FusedConvolutionGrad`: dy, x, weight → dx, dweight and dbias.
 */
export const fusedConvolutionKernels: readonly NativeKernel[] = [
  nativeKernel<ConvolutionAttributes, 'x' | 'weight' | 'bias'>(
    'FusedConvolution',
    floats,
    (trace, { x, weight, bias }, attributes) => {
      const window = planeWindow(infoOf(x, weight, attributes));
      return isRegular(window) ? convolveWith(trace, x, weight, window, attributes.groups, bias) : null;
    },
  ),
  nativeKernel<ConvolutionAttributes, 'dy' | 'x' | 'weight'>(
    'FusedConvolutionGrad',
    floats,
    (trace, { dy, x, weight }, attributes) => {
      const info = infoOf(x, weight, attributes);
      const window = planeWindow(info);
      if (!isRegular(window)) return null;
      const { groups } = attributes;
      // Of all channels it is a product of matrices where that is quicker.
      const dweight =
        groups === 1
          ? transpose(trace, filterGradient(trace, x, dy, info), [0, 3, 1, 2])
          : weightGradientOfGroups(trace, x, dy, window, groups);
      return [inputGradient(trace, dy, weight, window, groups), dweight, sumOfRows(trace, rowsOf(trace, dy))];
    },
  ),
];

function infoOf(x: Value, weight: Value, { groups, strides, padding, dilations }: ConvolutionAttributes) {
  const [outputs, perGroup, height, width] = weight.shape as Shape4D;
  const [down, across] = padding;
  return tf.backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    [height, width, perGroup * groups, outputs],
    strides,
    dilations,
    [
      [0, 0],
      [down, down],
      [across, across],
      [0, 0],
    ],
  );
}

/** x (B, H, W, C), dy (B, H', W', O) → (O, C / groups, KH, KW). */
function weightGradientOfGroups(trace: Trace, x: Value, dy: Value, window: Window, groups: number): Value {
  const [batch, height, width, channels] = x.shape as Shape4D;
  const perGroup = channels / groups;
  const grouped = reshape(trace, x, [batch * height * width, groups, perGroup]);
  const byGroup = reshape(trace, transpose(trace, grouped, [2, 1, 0]), [perGroup, groups * batch, height, width]);
  const gradients = transpose(trace, dy, [3, 0, 1, 2]); // (O, B, H', W')
  const filter = correlate(trace, byGroup, gradients, window, groups); // (C / groups, O, KH, KW)
  return transpose(trace, filter, [1, 0, 2, 3]);
}
