import { type Context, Module } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs';
import { type Activation, type ActivationName, activation } from './activations';
import { checkRate } from './check-rate';
import { dropout } from './dropout';
import { Linear } from './linear';

/** Config of {@link FeedForward}. */
export interface FeedForwardConfig {
  readonly hiddenSize: number;
  /** Width between the two linear layers. */
  readonly intermediateSize: number;
  /** Between the two linear layers; exact GELU by default. */
  readonly hiddenAct?: ActivationName;
  /** Rate of dropout on the result; 0 by default. */
  readonly hiddenDropout?: number;
}

/** Position-wise feed-forward network (Vaswani et al. 2017, section 3.3): widen, activate, narrow, drop. */
export class FeedForward extends Module {
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly activation: Activation;
  readonly hiddenDropout: number;

  constructor({ hiddenSize, intermediateSize, hiddenAct = 'gelu', hiddenDropout = 0 }: FeedForwardConfig) {
    super();
    this.intermediate = new Linear(hiddenSize, intermediateSize);
    this.output = new Linear(intermediateSize, hiddenSize);
    this.activation = activation(hiddenAct);
    this.hiddenDropout = checkRate('hiddenDropout', hiddenDropout);
  }

  /**
   * @param x (…, hiddenSize)
   * @returns (…, hiddenSize)
   */
  forward<T extends tf.Tensor>(x: T, context: Context): T {
    const intermediate = this.activation(this.intermediate.forward(x));
    return dropout(this.output.forward(intermediate), this.hiddenDropout, context);
  }
}
