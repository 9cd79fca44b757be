import { adoptTensor, FileFormatError, type NamedTensor, viewValues } from '@polymodal/core';
import { hostScalars } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Moment } from './adamw';
import { bundleParameters, type ParameterBundle } from './parameter-bundle';
import type { OptimizedParameter } from './parameter-groups';

/** How weights are averaged over the steps. */
export interface EmaOptions {
  /** What remains of the average in each step: 0.999 looks back over some thousand steps. */
  readonly decay: number;
  /** Whether the average looks back over a part of the steps so far while these are few. Default true. */
  readonly warmup?: boolean;
}

export const emaSchema = z.strictObject({
  decay: z.number().min(0).lt(1),
  warmup: z.boolean().optional(),
});

/**
 * An exponential moving average of weights (Polyak & Juditsky 1992), which often does better than the weights of the last step:
 *
 *     average ← d · average + (1 − d) · weights,   d = min(decay, (1 + t) / (10 + t)) after t steps
 *
 * The first step takes the weights as they are. With the warm-up this is `EMAModel` of diffusers and TensorFlow's
 * `ExponentialMovingAverage(num_updates)`: without it the first weights, which know little, would weigh for a thousand steps. With
 * `warmup: false` d is the decay throughout, as in PyTorch's `AveragedModel` with `get_ema_multi_avg_fn`.
 *
 * Only what learns is averaged; a parameter without a gradient in a step counts with the value that it has.
 */
export class WeightAverage {
  readonly #bundles: readonly ParameterBundle[];
  readonly #options: EmaOptions;
  #averages: (tf.Tensor | undefined)[];
  #updates = 0;
  /** The weights of the last step, while the parameters have the average. */
  #aside: tf.Tensor[] | undefined;

  constructor(parameters: readonly OptimizedParameter[], options: EmaOptions) {
    this.#bundles = bundleParameters(parameters);
    this.#options = options;
    this.#averages = this.#bundles.map(() => undefined);
  }

  /** How many steps it has seen. */
  get updates(): number {
    return this.#updates;
  }

  /** Takes the present weights in. To be called inside `tf.tidy`, once a step. */
  update(): void {
    const [share] = hostScalars(() => [1 - this.#decayAt(this.#updates++)] as const);
    this.#bundles.forEach((bundle, index) => {
      const weights = bundle.gather(weightsOf(bundle));
      // It begins as zeros, not as nothing, so that the first step is the same program as all others.
      const average = this.#averages[index] ?? tf.zeros(bundle.shape);
      this.#replace(index, tf.add(average, tf.mul(share, tf.sub(weights, average))));
    });
  }

  #decayAt(updates: number): number {
    const { decay, warmup = true } = this.#options;
    if (updates === 0) return 0;
    return warmup ? Math.min(decay, (1 + updates) / (10 + updates)) : decay;
  }

  #replace(index: number, average: tf.Tensor): void {
    this.#averages[index]?.dispose();
    this.#averages[index] = tf.keep(average);
  }

  /** Gives the parameters the average while a function runs, and then their own values back. */
  async lend<T>(run: () => Promise<T>): Promise<T> {
    if (this.#updates === 0) return run();
    this.#aside = tf.tidy(() => this.#members.map(({ parameter }) => tf.keep(parameter.value.clone())));
    try {
      this.apply();
      return await run();
    } finally {
      this.#members.forEach(({ parameter }, index) => {
        parameter.assign(this.#aside![index]);
      });
      tf.dispose(this.#aside);
      this.#aside = undefined;
    }
  }

  /** Gives the parameters the average for good. */
  apply(): void {
    if (this.#updates === 0) return;
    tf.tidy(() => {
      this.#bundles.forEach((bundle, index) => {
        bundle.scatter(this.#averages[index]!).forEach((piece, i) => {
          bundle.members[i].parameter.assign(piece);
        });
      });
    });
  }

  /** What a checkpoint keeps, beside the number of updates. */
  tensors(): Moment[] {
    return this.#averages.flatMap((average, index) =>
      average === undefined
        ? []
        : [{ name: String(index), shape: this.#bundles[index].shape, read: () => viewValues(average) }],
    );
  }

  /**
   * Continues from a state, whose tensors are given one by one to what this returns.
   *
   * @throws FileFormatError for tensors of other parameters
   */
  restore(updates: number): (name: string, tensor: NamedTensor) => void {
    this.#updates = updates;
    return (name, { data, shape }) => {
      const bundle = this.#bundles[Number(name)];
      if (!bundle || !tf.util.arraysEqual([...shape], bundle.shape)) {
        const [expected, received] = [`averages of ${this.#members.length} parameters`, `${name} of [${shape}]`];
        throw new FileFormatError({ where: 'average of weights', expected, received });
      }
      this.#replace(Number(name), adoptTensor(data, bundle.shape));
    };
  }

  get #members(): OptimizedParameter[] {
    return this.#bundles.flatMap(({ members }) => members);
  }

  /** Frees the averages. */
  dispose(): void {
    for (const average of this.#averages) average?.dispose();
    this.#averages = this.#bundles.map(() => undefined);
  }
}

function weightsOf({ members }: ParameterBundle): Readonly<Record<string, tf.Tensor>> {
  return Object.fromEntries(members.map(({ path, parameter }) => [path, parameter.value]));
}
