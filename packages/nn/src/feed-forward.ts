import { type Context, type Initializer, Module } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
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
  /** Rate of dropout between the two linear layers; 0 by default. */
  readonly activationDropout?: number;
  /** Rate of dropout on the result; 0 by default. */
  readonly hiddenDropout?: number;
  /** Whether the linear layers have a bias; they have by default. */
  readonly bias?: boolean;
  /** Initial values of the weight that narrows; Xavier uniform by default. Zeros make a branch that adds nothing at first. */
  readonly outputInitializer?: Initializer;
}

/**
 * Position-wise feed-forward network (Vaswani et al. 2017, section 3.3): widen, activate, narrow, drop.
 *
 * ```ts
 * const feedForward = new FeedForward({ hiddenSize: 16, intermediateSize: 64 });
 * initialize(feedForward, RandomKey.from(0));
 * feedForward.forward(tf.ones([2, 10, 16]), inferenceContext()); // (2, 10, 16)
 * ```
 */
export class FeedForward extends Module {
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly activation: Activation;
  readonly activationDropout: number;
  readonly hiddenDropout: number;

  constructor(config: FeedForwardConfig) {
    super();
    const { hiddenSize, intermediateSize, hiddenAct = 'gelu', activationDropout = 0, hiddenDropout = 0 } = config;
    const { bias = true } = config;
    this.intermediate = new Linear(hiddenSize, intermediateSize, { bias });
    this.output = new Linear(intermediateSize, hiddenSize, { bias, initializer: config.outputInitializer });
    this.activation = activation(hiddenAct);
    this.activationDropout = checkRate('activationDropout', activationDropout);
    this.hiddenDropout = checkRate('hiddenDropout', hiddenDropout);
  }

  /**
   * @param x (…, hiddenSize)
   * @returns (…, hiddenSize)
   */
  forward<T extends tf.Tensor>(x: T, context: Context): T {
    const intermediate = this.activation(this.intermediate.forward(x));
    const kept = dropout(intermediate, this.activationDropout, context, this);
    return dropout(this.output.forward(kept), this.hiddenDropout, context, this);
  }
}
