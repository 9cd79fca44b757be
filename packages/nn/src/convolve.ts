import * as tf from '@tensorflow/tfjs-core';
import { convolvePatches, cutsPatches } from './convolve-patches';
import { fusedConvolution } from './functional/fused-convolution';
import { convolvedLength, type KernelAxes } from './kernel-axis';

/**
 * Convolution over two axes (cross-correlation, as in PyTorch).
 *
 * @param x      (B, H, W, Cin)
 * @param weight [Cout, Cin / groups, Kh, Kw]
 * @param bias   (Cout), added at each position
 * @returns      (B, H', W', Cout)
 * @throws ShapeError if the kernel does not fit once into the padded input
 */
export function convolve(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  axes: KernelAxes,
  groups: number,
  bias?: tf.Tensor1D,
): tf.Tensor4D {
  const [down, across] = axes;
  convolvedLength(down, x.shape[1]);
  convolvedLength(across, x.shape[2]);
  const isOfPatches = cutsPatches(x, axes, groups);
  const fused = isOfPatches ? undefined : fusedConvolution(x, weight, axes, groups, bias);
  if (fused) return fused;
  const y = isOfPatches ? convolvePatches(x, weight) : plainConvolution(x, weight, axes, groups);
  return bias ? tf.add(y, bias) : y;
}

/** In the operations of TensorFlow.js. */
function plainConvolution(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  [down, across]: KernelAxes,
  groups: number,
): tf.Tensor4D {
  const filter = dilate(tf.transpose(weight, [2, 3, 1, 0]), down.dilation, across.dilation); // (Kh, Kw, Cin / groups, Cout)
  const stride: [number, number] = [down.stride, across.stride];
  const padding: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [down.padding, down.padding],
    [across.padding, across.padding],
    [0, 0],
  ];
  if (groups === 1) return tf.conv2d(x, filter, stride, padding);

  const [height, width, inputs, outputs] = filter.shape;
  if (inputs === 1) {
    const depthwise = tf.reshape<tf.Rank.R4>(filter, [height, width, groups, outputs / groups]);
    return tf.depthwiseConv2d(x, depthwise, stride, padding);
  }
  const filters = tf.split<tf.Tensor4D>(filter, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x, groups, 3)
    .map((part, group) => tf.conv2d(part, filters[group], stride, padding));
  return tf.concat(parts, 3);
}

/**
 * Spreads a kernel with zeros between its taps. (tf.conv2d takes a dilation, but has no gradient then.)
 *
 * @param filter (Kh, Kw, Cin, Cout)
 * @returns ((Kh − 1) · down + 1, (Kw − 1) · across + 1, Cin, Cout)
 */
function dilate(filter: tf.Tensor4D, down: number, across: number): tf.Tensor4D {
  if (down === 1 && across === 1) return filter;
  const [height, width, inputs, outputs] = filter.shape;
  const taps = tf.reshape<tf.Rank.R5>(filter, [height, 1, width, 1, inputs * outputs]);
  const zerosAfterEach: [number, number][] = [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ];
  const spread = tf.reshape<tf.Rank.R4>(tf.pad(taps, zerosAfterEach), [height * down, width * across, inputs, outputs]);
  return tf.slice(spread, 0, [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs]);
}
