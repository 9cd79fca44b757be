import * as tf from '@tensorflow/tfjs-core';
import type { KernelAxes, KernelAxis } from '../kernel-axis';
import { fusedKernel } from './fused-kernel';
import { withGradient } from './with-gradient';

/**
 * A convolution, perhaps in groups, as the backend's own kernel, which takes PyTorch's weights as they are; undefined where it has
 * none. (TensorFlow.js has convolutions of all channels and of single ones, none in between.)
 *
 * @param x      (B, H, W, Cin)
 * @param weight (Cout, Cin / groups, Kh, Kw)
 * @param bias   (Cout)
 * @returns      (B, H', W', Cout)
 */
export function fusedConvolution(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  axes: KernelAxes,
  groups: number,
  bias: tf.Tensor1D | undefined,
): tf.Tensor4D | undefined {
  if (tf.getKernel('FusedConvolution', tf.getBackend()) === undefined || x.size === 0) return undefined;
  const along = (size: keyof KernelAxis) => axes.map((axis) => axis[size]);
  const attributes = { groups, strides: along('stride'), padding: along('padding'), dilations: along('dilation') };
  const inputs: readonly tf.Tensor[] = bias ? [x, weight, bias] : [x, weight];
  return withGradient(inputs, () => ({
    value: fusedKernel('FusedConvolution', { x, weight, bias }, attributes)![0] as tf.Tensor4D,
    saved: [x, weight],
    gradients: (dy, x, weight) =>
      fusedKernel('FusedConvolutionGrad', { dy, x, weight }, attributes)!.slice(0, inputs.length),
  }));
}
