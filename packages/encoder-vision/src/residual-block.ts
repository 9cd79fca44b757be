import { type Initializer, Module } from '@polymodal/core';
import { Conv2d, gelu, LayerNorm, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A residual block of two 3 × 3 convolutions with the norm before them (He et al. 2016, "Identity mappings", figure 4e): x +
 * conv(GELU(conv(norm(x)))). The norm is over the channels of each position, as in ConvNeXt (Liu et al. 2022), so that rows of a batch
 * do not mix. The last convolution is 0 at first (Goyal et al. 2017, section 5.1, do so to the last norm), so that a block begins as what
 * comes in: one that is put behind layers that have learned does not undo what these say.
 */
export class ResidualBlock extends Module {
  readonly norm: LayerNorm;
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;

  constructor(channels: number, layerNormEps: number) {
    super();
    const conv = (initializer?: Initializer) =>
      new Conv2d({ inChannels: channels, outChannels: channels, kernelSize: 3, padding: 1, initializer });
    this.norm = new LayerNorm(channels, layerNormEps);
    this.conv1 = conv();
    this.conv2 = conv(zeros);
  }

  /** (P, H, W, C) → the same */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.add(x, this.conv2.forward(gelu(this.conv1.forward(this.norm.forward(x)))));
  }
}
