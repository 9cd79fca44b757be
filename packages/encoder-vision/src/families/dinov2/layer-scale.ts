import { Module, Parameter } from '@polymodal/core';
import { constant } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** One factor for each feature of a residual branch (Touvron et al. 2021, "CaiT", eq. 4). */
export class LayerScale extends Module {
  /** (D) */
  readonly weight: Parameter<tf.Rank.R1>;

  constructor(size: number, initialValue: number) {
    super();
    this.weight = new Parameter([size], constant(initialValue));
  }

  /** @param x (…, D) */
  forward<T extends tf.Tensor>(x: T): T {
    return tf.mul(x, this.weight.value);
  }
}
