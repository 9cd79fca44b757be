import { type Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Activation, type ActivationName, activation } from './activations';
import { checkRate } from './check-rate';
import { dropout } from './dropout';
import { Linear } from './linear';

/** Config of {@link GatedFeedForward}. */
export interface GatedFeedForwardConfig {
  readonly hiddenSize: number;
  /** Width between the linear layers. */
  readonly intermediateSize: number;
  /** Of the gate; SiLU by default, which makes it SwiGLU. */
  readonly hiddenAct?: ActivationName;
  /** Whether the linear layers have a bias; not by default. */
  readonly bias?: boolean;
  /** Rate of dropout on what the gate lets through; 0 by default. */
  readonly activationDropout?: number;
}

/** Feed-forward network with a gate: down(act(gate(x)) ∘ up(x)) (Shazeer 2020, eq. 6; HF `LlamaMLP`). With ReLU it is ReGLU. */
export class GatedFeedForward extends Module {
  readonly gate: Linear;
  readonly up: Linear;
  readonly down: Linear;
  readonly activation: Activation;
  readonly activationDropout: number;

  constructor(config: GatedFeedForwardConfig) {
    super();
    const { hiddenSize, intermediateSize, hiddenAct = 'silu', bias = false, activationDropout = 0 } = config;
    this.gate = new Linear(hiddenSize, intermediateSize, { bias });
    this.up = new Linear(hiddenSize, intermediateSize, { bias });
    this.down = new Linear(intermediateSize, hiddenSize, { bias });
    this.activation = activation(hiddenAct);
    this.activationDropout = checkRate('activationDropout', activationDropout);
  }

  /**
   * @param x (…, hiddenSize)
   * @returns (…, hiddenSize)
   */
  forward<T extends tf.Tensor>(x: T, context: Context): T {
    const gated = tf.mul(this.activation(this.gate.forward(x)), this.up.forward(x)) as T;
    return this.down.forward(dropout(gated, this.activationDropout, context, this));
  }
}
