import { Module, ModuleBuffer, Parameter } from '@polymodal/core';
import { ones, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

const eps = 1e-5;

/**
 * Batch normalisation with the statistics that it was trained with, in training too (PyTorch's `nn.BatchNorm1d` after
 * `eval`).
 */
export class FrozenBatchNorm extends Module {
  /** [C] */
  readonly weight: Parameter<tf.Rank.R1>;
  /** [C] */
  readonly bias: Parameter<tf.Rank.R1>;
  /** [C] */
  readonly mean: ModuleBuffer<tf.Rank.R1>;
  /** [C] */
  readonly variance: ModuleBuffer<tf.Rank.R1>;
  /** How many batches the statistics were taken from; nothing here asks for it, and Python for no more than that it is there. */
  readonly count: ModuleBuffer<tf.Rank.R0>;

  constructor(channels: number) {
    super();
    this.weight = new Parameter([channels], ones);
    this.bias = new Parameter([channels], zeros);
    this.mean = new ModuleBuffer([channels], zeros);
    this.variance = new ModuleBuffer([channels], ones);
    this.count = new ModuleBuffer([], zeros);
  }

  /** @param x (…, C) */
  forward<T extends tf.Tensor>(x: T): T {
    const centred = tf.sub(x, asConstant(this.mean.value));
    const scale = tf.mul(this.weight.value, tf.rsqrt(tf.add(asConstant(this.variance.value), eps)));
    return tf.add(tf.mul(centred, scale), this.bias.value);
  }
}

/** The same values, to which no gradient flows. */
const asConstant = tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: (dy) => tf.zerosLike(dy) }));
