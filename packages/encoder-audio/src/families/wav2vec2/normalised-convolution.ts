import { Module } from '@polymodal/core';
import { Conv1d, LayerNorm, linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Stride } from './frame-mask';
import { slidingWindows } from './sliding-windows';

/**
 * The first convolution of wav2vec 2.0, each of whose channels is normalised over time (HF `Wav2Vec2GroupNormConvLayer`, a
 * group norm with a group for each channel; Wu and He 2018), over the frames that take part.
 *
 * Windows from which their mean is taken give channels with mean 0, and scaling those is scaling the weight. So the result
 * is a second product with the windows, which are few values, rather than passes over the many of the result.
 */
export class NormalisedConvolution extends Module {
  readonly convolution: Conv1d;
  readonly norm: LayerNorm;
  readonly #stride: Stride;

  constructor(outChannels: number, stride: Stride, bias: boolean) {
    super();
    this.#stride = stride;
    this.convolution = new Conv1d({ inChannels: 1, outChannels, ...stride, bias });
    this.norm = new LayerNorm(outChannels); // holds what the channels are scaled and shifted by
  }

  /**
   * @param x         (B, T, 1)
   * @param frameMask (B, N), 1 = takes part
   * @returns (B, N, C). The bias of the convolution is not in it: the norm takes it away again.
   */
  forward(x: tf.Tensor3D, frameMask: tf.Tensor2D): tf.Tensor3D {
    const [batch, frames] = frameMask.shape;
    const { weight, outChannels } = this.convolution;
    const { kernelSize, stride } = this.#stride;
    const windows = slidingWindows(x, kernelSize, stride); // (B, N, K)
    const share = tf.div(frameMask, tf.maximum(tf.sum(frameMask, 1, true), 1)); // (B, N)
    const shares = tf.reshape<tf.Rank.R3>(share, [batch, 1, frames]);
    const centred = tf.sub<tf.Tensor3D>(windows, tf.matMul(shares, windows));
    const kernel = tf.reshape<tf.Rank.R2>(weight.value, [outChannels, kernelSize]);
    const variance = tf.matMul(shares, tf.square(linear(centred, kernel))); // (B, 1, C)
    const scale = tf.mul(tf.rsqrt(tf.add(variance, this.norm.eps)), this.norm.weight.value);
    const scaled = tf.mul<tf.Tensor3D>(kernel, tf.reshape(scale, [batch, outChannels, 1]));
    return tf.add(tf.matMul(centred, scaled, false, true), this.norm.bias.value);
  }
}
