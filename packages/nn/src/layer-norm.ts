import { Module, Parameter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { checkEps } from './check-eps';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { layerNorm } from './functional/layer-norm';
import { ones, zeros } from './initializers';

/**
 * Layer normalisation over the last axis (Ba et al. 2016, eq. 4), with the biased variance, as PyTorch's `nn.LayerNorm`.
 *
 * ```ts
 * const norm = new LayerNorm(16);
 * initialize(norm, RandomKey.from(0));
 * norm.forward(tf.ones([2, 10, 16])); // of the same shape
 * ```
 */
export class LayerNorm extends Module {
  /** [size] */
  readonly weight: Parameter<tf.Rank.R1>;
  /** [size] */
  readonly bias: Parameter<tf.Rank.R1>;

  constructor(
    readonly size: number,
    readonly eps = 1e-5,
  ) {
    super();
    checkSize('LayerNorm size', size);
    checkEps('LayerNorm eps', eps);
    this.weight = new Parameter([size], ones);
    this.bias = new Parameter([size], zeros);
  }

  /**
   * @param x (…, size)
   * @returns (…, size)
   * @throws ShapeError if the last axis is not size
   */
  forward<T extends tf.Tensor>(x: T): T {
    checkShape('LayerNorm input', x, ['…', this.size]);
    return layerNorm(x, this.weight.value, this.bias.value, this.eps);
  }
}
