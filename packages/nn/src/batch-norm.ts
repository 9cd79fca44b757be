import { Module, ModuleBuffer, Parameter } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkEps } from './check-eps';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { ones, zeros } from './initializers';

/**
 * Batch normalisation over the last axis (Ioffe & Szegedy 2015, algorithm 2) with running statistics, as PyTorch's
 * `nn.BatchNorm1d` and `nn.BatchNorm2d` after `eval()`.
 *
 * The statistics are used as they are in training too, and no training changes them: of small batches, whose rows have
 * different modalities, statistics would be poor, and a forward pass changes nothing. Weight and bias are trained.
 */
export class BatchNorm extends Module {
  /** [size] */
  readonly weight: Parameter<tf.Rank.R1>;
  /** [size] */
  readonly bias: Parameter<tf.Rank.R1>;
  /** [size] */
  readonly runningMean: ModuleBuffer<tf.Rank.R1>;
  /** [size] */
  readonly runningVar: ModuleBuffer<tf.Rank.R1>;
  /** [], of how many batches the statistics are; kept for Python, which keeps it. */
  readonly numBatchesTracked: ModuleBuffer<tf.Rank.R0>;

  constructor(
    readonly size: number,
    readonly eps = 1e-5,
  ) {
    super();
    checkSize('BatchNorm size', size);
    checkEps('BatchNorm eps', eps);
    this.weight = new Parameter([size], ones);
    this.bias = new Parameter([size], zeros);
    this.runningMean = new ModuleBuffer([size], zeros);
    this.runningVar = new ModuleBuffer([size], ones);
    this.numBatchesTracked = new ModuleBuffer([], zeros);
  }

  /**
   * @param x (…, size)
   * @returns (…, size)
   * @throws ShapeError if the last axis is not size
   */
  forward<T extends tf.Tensor>(x: T): T {
    checkShape('BatchNorm input', x, ['…', this.size]);
    const scale = tf.mul(this.weight.value, tf.rsqrt(tf.add(asConstant(this.runningVar.value), this.eps)));
    return tf.add(tf.mul(tf.sub(x, asConstant(this.runningMean.value)), scale), this.bias.value);
  }
}

/** The same values, to which no gradient flows. */
const asConstant = tf.customGrad((x) => ({ value: tf.clone(x as tf.Tensor), gradFunc: (dy) => tf.zerosLike(dy) }));
