import { Module, Parameter } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { checkEps } from './check-eps';
import { checkShape } from './check-shape';
import { checkSize } from './check-size';
import { rmsNorm } from './functional/rms-norm';
import { ones } from './initializers';

/** Root mean square normalisation over the last axis (Zhang and Sennrich 2019, eq. 4; HF `LlamaRMSNorm`): no mean, no bias. */
export class RmsNorm extends Module {
  /** [size] */
  readonly weight: Parameter<tf.Rank.R1>;

  constructor(
    readonly size: number,
    readonly eps = 1e-6,
  ) {
    super();
    checkSize('RmsNorm size', size);
    checkEps('RmsNorm eps', eps);
    this.weight = new Parameter([size], ones);
  }

  /**
   * @param x (…, size)
   * @returns (…, size)
   * @throws ShapeError if the last axis is not size
   */
  forward<T extends tf.Tensor>(x: T): T {
    checkShape('RmsNorm input', x, ['…', this.size]);
    return rmsNorm(x, this.weight.value, this.eps);
  }
}
