import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from './parameter-bundle';
import type { OptimizedParameter } from './parameter-groups';

/**
 * Pulls parameters of encoders back to where they began (L2-SP, Li et al. 2018, equation 3): the loss has α / 2 · ‖w − w⁰‖² beside it, and so
 * gradients α · (w − w⁰). What began at random, fusion, heads and adapters, is not pulled.
 */
export class StartingPoint {
  readonly #strength: number;
  /** Variables, so that a replayed step takes them for what does not change. */
  readonly #starts: ReadonlyMap<string, { readonly now: () => tf.Tensor; readonly start: tf.Variable }>;

  /** @param parameters with the values that they begin with */
  constructor(parameters: readonly OptimizedParameter[], strength: number) {
    this.#strength = strength;
    const pulled = parameters.filter(({ path }) => path.startsWith('encoders.') && !path.includes('.adapter.'));
    this.#starts = new Map(
      pulled.map(({ path, parameter }) => {
        const start = tf.tidy(() => tf.variable(tf.mul(parameter.value, 1), false));
        return [path, { now: () => parameter.value, start }];
      }),
    );
  }

  /** Gradients of the loss with the pull beside it. */
  pulled(gradients: Gradients): Gradients {
    return Object.fromEntries(
      Object.entries(gradients).map(([path, gradient]) => {
        const own = this.#starts.get(path);
        return [path, own ? tf.add(gradient, tf.mul(tf.sub(own.now(), own.start), this.#strength)) : gradient];
      }),
    );
  }

  dispose(): void {
    for (const { start } of this.#starts.values()) start.dispose();
  }
}
