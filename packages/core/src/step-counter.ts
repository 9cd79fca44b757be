import * as tf from '@tensorflow/tfjs-core';
import { ModuleBuffer } from './module-buffer';

/**
 * Counts the steps of training that its module has taken part in, for what is warmed up or annealed: a forward pass knows no step by
 * itself. It is kept with the parameters, so that a saved model answers as after its last step, and a further training goes on from there.
 *
 * ```ts
 * readonly steps = new StepCounter(); // in a module
 * const opening = tf.minimum(tf.div(this.steps.value, 1000), 1); // in its forward pass: 0 at first, 1 after 1,000 steps
 * ```
 *
 * The trainer counts those under the paths that learn: where the fusion is frozen, nothing in it moves.
 */
export class StepCounter extends ModuleBuffer<tf.Rank.R0> {
  constructor() {
    super([], () => new Float32Array(1));
  }

  /** Counts some steps more. */
  advance(steps = 1): void {
    tf.tidy(() => this.assign(tf.add(this.value, steps)));
  }
}
