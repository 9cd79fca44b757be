import * as tf from '@tensorflow/tfjs-core';
import { convolve } from './convolve';
import { convolvedLength, type KernelAxis } from './kernel-axis';

const still: KernelAxis = { kernelSize: 1, stride: 1, padding: 0, dilation: 1 };

/** How a kernel moves along a sequence; what is left out is as in PyTorch's `conv1d`. */
export interface Convolve1dOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
  /** (Cout), added at each position. */
  readonly bias?: tf.Tensor1D | undefined;
}

/**
 * Convolution along a sequence, of channels that come last, with a weight as PyTorch has it.
 *
 * @param x      (B, L, Cin)
 * @param weight (Cout, Cin / groups, kernel)
 * @returns      (B, L', Cout)
 * @throws ShapeError if the kernel does not fit once
 */
export function convolve1d(
  x: tf.Tensor3D,
  weight: tf.Tensor3D,
  { stride = 1, padding = 0, dilation = 1, groups = 1, bias }: Convolve1dOptions = {},
): tf.Tensor3D {
  const [batch, length, channels] = x.shape;
  const [outputs, , kernelSize] = weight.shape;
  const axis = { kernelSize, stride, padding, dilation };
  const row = tf.reshape<tf.Rank.R4>(x, [batch, 1, length, channels]);
  const y = convolve(row, tf.expandDims<tf.Tensor4D>(weight, 2), [still, axis], groups, bias);
  return tf.reshape(y, [batch, convolvedLength(axis, length), outputs]);
}
