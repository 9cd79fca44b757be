import { Module, Parameter } from '@polymodal/core';
import { type Conv1dConfig, constant, convolve1d, normal, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A convolution whose weight is kept as its length and its direction, of each tap of the kernel (Salimans and Kingma 2016,
 * eq. 2; PyTorch's `weight_norm` with `dim=2`).
 */
export class WeightNormConv1d extends Module {
  /** [1, 1, kernelSize]: g */
  readonly weightG: Parameter<tf.Rank.R3>;
  /** [outChannels, inChannels / groups, kernelSize]: v */
  readonly weightV: Parameter<tf.Rank.R3>;
  /** [outChannels] */
  readonly bias: Parameter<tf.Rank.R1>;
  readonly #config: Conv1dConfig;

  constructor(config: Conv1dConfig) {
    super();
    const { inChannels, outChannels, kernelSize, groups = 1 } = config;
    this.#config = config;
    const std = 2 / Math.sqrt(kernelSize * inChannels); // as wav2vec 2.0 starts; the length is then that of v
    this.weightG = new Parameter([1, 1, kernelSize], constant(std * Math.sqrt((outChannels * inChannels) / groups)));
    this.weightV = new Parameter([outChannels, inChannels / groups, kernelSize], normal(std));
    this.bias = new Parameter([outChannels], zeros);
  }

  /** @param x (B, L, inChannels) @returns (B, L', outChannels) */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    const v = this.weightV.value;
    const length = tf.sqrt(tf.sum(tf.square(v), [0, 1], true));
    const weight = tf.mul<tf.Tensor3D>(v, tf.div(this.weightG.value, length));
    return convolve1d(x, weight, { ...this.#config, bias: this.bias.value });
  }
}
