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
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { quantileLoss } from './estimation-loss';
import { gatherRows } from './gather-rows';
import { type HiddenConfig, hiddenLayers, hiddenOptions, lastWidth, throughHidden } from './hidden-layers';
import { regressionMetrics } from './metrics/regression-metrics';
import type { Estimate } from './regression-head';
import { type NumberFeatures, type NumberRow, type RegressionTarget, regressionTarget } from './regression-target';

const options = z.object({
  ...hiddenOptions,
  /** The shares below which the truth lies with the answers, ascending; 0.5, the median, is among them. */
  levels: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .refine(
      (levels) => levels.every((level, index) => index === 0 || level > levels[index - 1]),
      'levels in ascending order',
    )
    .refine((levels) => levels.includes(0.5), '0.5 among the levels, which is the estimate')
    .readonly()
    .default([0.05, 0.5, 0.95]),
});

/** Sizes and choices of a {@link QuantileRegressionHead}. */
export interface QuantileRegressionConfig extends HiddenConfig {
  readonly levels: readonly number[];
  /** What knows how numbers are scaled. */
  readonly target: RegressionTarget;
}

/** What is estimated of a row, and between which bounds it lies. */
export interface QuantileEstimate extends Estimate {
  /** The estimated quantiles, ascending, in the order of the levels. */
  readonly quantiles: readonly { readonly level: number; readonly value: number }[];
}

/**
 * Quantiles of a number from the pooled representation: the median, and how far off the truth may be (Koenker and Bassett 1978). Where
 * quantiles cross they are put in order, which never makes them worse (Chernozhukov et al. 2010).
 */
export class QuantileRegressionHead extends Head<tf.Tensor2D, QuantileEstimate> {
  readonly requires = {};
  override readonly resamples = true;
  readonly hidden: readonly Linear[];
  readonly estimator: Linear;
  readonly #config: QuantileRegressionConfig;

  constructor(config: QuantileRegressionConfig) {
    super();
    this.#config = config;
    this.hidden = hiddenLayers(config);
    this.estimator = new Linear(lastWidth(config), config.levels.length, { initializer: truncatedNormal(0.02) });
  }

  /** @returns (B, Q) deviations from the mean */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    return this.estimator.forward(throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this));
  }

  /** Of the rows that have a target. */
  loss(target: TargetBatch<NumberFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    const { rows, features } = target;
    const sum = (estimates: tf.Tensor2D) =>
      quantileLoss(gatherRows(estimates, rows), features.number, this.#config.levels);
    return { pinball: { count: rows.length, sum } };
  }

  /** `estimates`, and `quantiles` (B, Q), the same in the unit of the training data, in the order of the levels as they come: they may cross. */
  scores(estimates: tf.Tensor2D): { estimates: tf.Tensor2D; quantiles: tf.Tensor2D } {
    return { estimates, quantiles: this.#config.target.inUnit(estimates) };
  }

  answers({ estimates }: Readonly<Record<string, HostTensor>>): QuantileEstimate[] {
    const { levels, target } = this.#config;
    return Array.from({ length: estimates.shape[0] }, (_, row) => {
      const own = Float32Array.from(estimates.data.subarray(row * levels.length, (row + 1) * levels.length)).sort();
      const quantiles = levels.map((level, index) => ({ level, value: target.unscaled(own[index]) }));
      return { value: quantiles[levels.indexOf(0.5)].value, quantiles };
    });
  }

  /** Figures of the median, and the share of truths between the outermost quantiles. */
  override evaluate(predictions: readonly QuantileEstimate[], targets: readonly (NumberRow | undefined)[]): Metrics {
    const rows = predictions.flatMap(({ value, quantiles }, row) => {
      const own = targets[row];
      return own ? [{ predicted: value, actual: this.#config.target.numberOf(own), quantiles }] : [];
    });
    if (rows.length === 0) return {};
    const within = rows.filter(
      ({ actual, quantiles }) => actual >= quantiles[0].value && actual <= quantiles.at(-1)!.value,
    );
    return { ...regressionMetrics(rows), coverage: within.length / rows.length };
  }
}

/** The head `quantile-regression`. */
export const quantileRegression = defineHead({
  name: 'quantile-regression',
  target: regressionTarget,
  config: options,
  create: (config, { fusion, target }) =>
    new QuantileRegressionHead({ ...config, hiddenSize: fusion.hiddenSize, target }),
});
