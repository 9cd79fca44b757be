import {
  type Context,
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type TargetBatch,
} from '@polymodal/core';
import { Linear, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type EstimationLoss, estimationLoss, estimationLosses } from './estimation-loss';
import { gatherRows } from './gather-rows';
import { type HiddenConfig, hiddenLayers, hiddenOptions, lastWidth, throughHidden } from './hidden-layers';
import { regressionMetrics } from './metrics/regression-metrics';
import { type NumberFeatures, type NumberRow, type RegressionTarget, regressionTarget } from './regression-target';

const options = z.object({
  ...hiddenOptions,
  /** `mse`: towards the mean. `mae`: towards the median. `huber`: as `mse` near the truth and as `mae` further off. */
  loss: z.enum(estimationLosses).default('mse'),
  /** Where `huber` goes from one to the other, in deviations of the training data. */
  delta: z.number().positive().default(1),
});

/** Sizes and choices of a {@link RegressionHead}. */
export interface RegressionConfig extends HiddenConfig {
  readonly loss: EstimationLoss;
  readonly delta: number;
  /** What knows how numbers are scaled. */
  readonly target: RegressionTarget;
}

/** What is estimated of a row. */
export interface Estimate {
  /** In the unit of the training data. */
  readonly value: number;
}

/**
 * A number from the pooled representation. It is learned as so many deviations from the mean of the training data, and answered in
 * their unit; before it has learned there is no answer.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 } },
 *   fusion: { use: 'mean' },
 *   heads: { grams: { use: 'regression', loss: 'huber' } },
 * });
 * const model = composeModel(registry, config);
 * await train(model, { data });
 * const [answer] = await model.predict([{ photo: 'tomato.jpg' }]);
 * console.log(answer?.grams.value);
 * ```
 */
export class RegressionHead extends Head<tf.Tensor1D, Estimate> {
  readonly requires = {};
  override readonly resamples = true;
  readonly hidden: readonly Linear[];
  readonly estimator: Linear;
  readonly #config: RegressionConfig;

  constructor(config: RegressionConfig) {
    super();
    this.#config = config;
    this.hidden = hiddenLayers(config);
    this.estimator = new Linear(lastWidth(config), 1, { initializer: truncatedNormal(0.02) }); // near the mean at first
  }

  /** @returns (B) deviations from the mean */
  forward({ fused }: HeadInput, context: Context): tf.Tensor1D {
    const hidden = throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this);
    return tf.squeeze(this.estimator.forward(hidden), [1]);
  }

  /** Of the rows that have a target. */
  loss(target: TargetBatch<NumberFeatures> | undefined): LossTerms<tf.Tensor1D> {
    if (!target) return {};
    const { rows, features } = target;
    const { loss, delta } = this.#config;
    const sum = (estimates: tf.Tensor1D) => estimationLoss(gatherRows(estimates, rows), features.number, loss, delta);
    return { [loss]: { count: rows.length, sum } };
  }

  /** `estimates`, and `value` (B), the same in the unit of the training data. */
  scores(estimates: tf.Tensor1D): { estimates: tf.Tensor1D; value: tf.Tensor1D } {
    return { estimates, value: this.#config.target.inUnit(estimates) };
  }

  answers({ estimates }: Readonly<Record<string, HostTensor>>): Estimate[] {
    return Array.from(estimates.data, (value) => ({ value: this.#config.target.unscaled(value) }));
  }

  override evaluate(predictions: readonly Estimate[], targets: readonly (NumberRow | undefined)[]): Metrics {
    const { target } = this.#config;
    return regressionMetrics(
      predictions.flatMap(({ value }, row) => {
        const own = targets[row];
        return own ? [{ predicted: value, actual: target.numberOf(own) }] : [];
      }),
    );
  }
}

/** The head `regression`. */
export const regression = defineHead({
  name: 'regression',
  target: regressionTarget,
  config: options,
  create: (config, { fusion, target }) => new RegressionHead({ ...config, hiddenSize: fusion.hiddenSize, target }),
});
