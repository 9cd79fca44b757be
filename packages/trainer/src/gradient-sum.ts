import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from './optimizers/parameter-bundle';

/** The gradients of several batches, added up. Those of one batch are in memory at a time, and their sum. */
export class GradientSum {
  #sum: Record<string, tf.Tensor> = {};

  /** By the path of the parameter. */
  get gradients(): Gradients {
    return this.#sum;
  }

  /** To be called inside `tf.tidy`. */
  add(gradients: Gradients): void {
    for (const [path, gradient] of Object.entries(gradients)) {
      const before = this.#sum[path];
      this.#sum[path] = tf.keep(before ? tf.add(before, gradient) : gradient.clone());
      before?.dispose();
    }
  }

  dispose(): void {
    tf.dispose(this.#sum);
    this.#sum = {};
  }
}
