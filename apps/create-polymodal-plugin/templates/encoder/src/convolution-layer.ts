import { type Context, Module } from '@polymodal/core';
import { Conv1d, dropout, gelu, LayerNorm, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** tokens + GELU(convolution of the normed tokens). */
export class ConvolutionLayer extends Module {
  readonly norm: LayerNorm;
  readonly convolution: Conv1d;
  readonly hiddenDropout: number;

  constructor({ hiddenSize, reach, hiddenDropout }: { hiddenSize: number; reach: number; hiddenDropout: number }) {
    super();
    this.hiddenDropout = hiddenDropout;
    this.norm = new LayerNorm(hiddenSize);
    this.convolution = new Conv1d({
      inChannels: hiddenSize,
      outChannels: hiddenSize,
      kernelSize: 2 * reach + 1,
      padding: reach,
    });
  }

  /**
   * @param tokens (P, N, D)
   * @param mask   (P, N), 1 = takes part
   * @returns      (P, N, D)
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const normed = zeroPadding(this.norm.forward(tokens), mask); // padding is as what is beyond the end
    const seen = gelu(this.convolution.forward(normed));
    return tf.add(tokens, dropout(seen, this.hiddenDropout, context, this));
  }
}
