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
import { dropout, gelu, Linear, truncatedNormal } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type ClassFeatures, type ClassRow, classOf, classTarget } from './class-target';
import { type Classification, readClassifications } from './classification';
import { classificationMetrics } from './classification-metrics';
import { type ClassificationConfig, classificationOptions } from './classification-options';
import { classProbabilities, crossEntropy } from './cross-entropy';
import { gatherRows } from './gather-rows';

/**
 * One of several classes from the pooled representation: a linear layer, behind others if asked for, and a softmax. It runs on every row.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * const [answer] = await composeModel(registry, config).predict([{ note: 'soft and sweet' }]);
 * console.log(answer?.ripe.label, answer?.ripe.probability);
 * ```
 */
export class ClassificationHead extends Head<tf.Tensor2D, Classification> {
  readonly requires = {};
  readonly labels: readonly string[];
  readonly hidden: readonly Linear[];
  readonly classifier: Linear;
  readonly #labelSmoothing: number;
  readonly #dropout: number;

  constructor(config: ClassificationConfig) {
    super();
    this.labels = config.labels;
    const widths = [config.hiddenSize, ...config.hiddenSizes];
    this.hidden = config.hiddenSizes.map((width, index) => new Linear(widths[index], width));
    this.classifier = new Linear(widths[config.hiddenSizes.length], config.labels.length, {
      initializer: truncatedNormal(0.02), // nearly uniform answers at first
    });
    this.#labelSmoothing = config.labelSmoothing;
    this.#dropout = config.dropout;
  }

  /** @returns (B, K) logits */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    const hidden = this.hidden.reduce((vector, layer) => gelu(layer.forward(vector)), fused.pooled);
    return this.classifier.forward(dropout(hidden, this.#dropout, context, this));
  }

  /** Cross-entropy over the rows that have a target. */
  loss(target: TargetBatch<ClassFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    return {
      crossEntropy: {
        count: target.rows.length,
        sum: (logits) => this.surprise(gatherRows(logits, target.rows), target),
      },
    };
  }

  /** Sum over labelled rows of −log of the probability that logits (P, K) give to their classes. */
  surprise(logits: tf.Tensor2D, { features }: TargetBatch<ClassFeatures>): tf.Scalar {
    const classes = classProbabilities(features.index, this.labels.length, this.#labelSmoothing);
    return crossEntropy(logits, classes);
  }

  scores(logits: tf.Tensor2D): { logits: tf.Tensor2D } {
    return { logits };
  }

  answers({ logits }: Readonly<Record<string, HostTensor>>): Classification[] {
    return readClassifications(logits, this.labels);
  }

  override evaluate(predictions: readonly Classification[], targets: readonly (ClassRow | undefined)[]): Metrics {
    const rows = predictions.flatMap(({ index, probabilities }, row) => {
      const target = targets[row];
      if (!target) return [];
      const actual = classOf(target);
      return [{ predicted: index, actual, probability: probabilities[actual] }];
    });
    return classificationMetrics(rows);
  }
}

/** The head `classification`. */
export const classification = defineHead({
  name: 'classification',
  target: classTarget,
  config: z.object(classificationOptions),
  create: (config, { fusion, target }) =>
    new ClassificationHead({ ...config, hiddenSize: fusion.hiddenSize, labels: target.labels }),
});
