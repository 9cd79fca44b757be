import { Module } from '@polymodal/core';
import { type Activation, type ActivationName, activation, Linear } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import type { Projection } from '../dual-tower';

/** Two linear layers from a tower's vector into the shared space (Wu et al. 2023, section 3.1; HF `ClapProjectionLayer`). */
export class ClapProjection extends Module implements Projection {
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly activation: Activation;

  constructor(hiddenSize: number, projectionSize: number, hiddenAct: ActivationName) {
    super();
    this.linear1 = new Linear(hiddenSize, projectionSize);
    this.linear2 = new Linear(projectionSize, projectionSize);
    this.activation = activation(hiddenAct);
  }

  /** (P, D) → (P, E) */
  forward(vectors: tf.Tensor2D): tf.Tensor2D {
    return this.linear2.forward(this.activation(this.linear1.forward(vectors)));
  }
}
