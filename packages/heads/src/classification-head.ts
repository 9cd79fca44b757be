import {
  type Context,
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  ModuleBuffer,
  type TargetBatch,
} from '@polymodal/core';
import { Linear, ones, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type ClassFeatures, type ClassRow, classOf } from './class-target';
import { type Classification, readClassifications } from './classification';
import { type ClassificationConfig, classificationOptions } from './classification-options';
import { classTarget } from './classification-target';
import { classProbabilities, crossEntropy, focalCrossEntropy, weightedCrossEntropy } from './cross-entropy';
import { fitTemperature } from './fit-temperature';
import { gatherRows } from './gather-rows';
import { hiddenLayers, lastWidth, throughHidden } from './hidden-layers';
import { type ClassifiedRow, classificationMetrics } from './metrics/classification-metrics';

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
  override readonly resamples = true;
  readonly hidden: readonly Linear[];
  readonly classifier: Linear;
  /** [], what logits are divided by in answers: 1 until it is fitted to validation data. */
  readonly temperature: ModuleBuffer<tf.Rank.R0>;
  readonly #config: ClassificationConfig;

  constructor(config: ClassificationConfig) {
    super();
    this.#config = config;
    this.hidden = hiddenLayers(config);
    this.classifier = new Linear(lastWidth(config), config.classes.labels.length, {
      initializer: truncatedNormal(0.02), // nearly uniform answers at first
    });
    this.temperature = new ModuleBuffer([], ones);
  }

  get labels(): readonly string[] {
    return this.#config.classes.labels;
  }

  /** @returns (B, K) logits */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    return this.classifier.forward(throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this));
  }

  /** Cross-entropy over the rows that have a target, each weighted as its class. */
  loss(target: TargetBatch<ClassFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    return {
      crossEntropy: {
        count: this.weightOf(target),
        sum: (logits) => this.surprise(gatherRows(logits, target.rows), target),
      },
    };
  }

  /** How many rows have a target or, where classes do not count alike, their weights together, as PyTorch counts. */
  weightOf({ rows, values }: TargetBatch<ClassFeatures>): number {
    const { weights } = this.#config.classes;
    if (!weights) return rows.length;
    return Array.from(values.index.data).reduce((sum, index) => sum + weights[index], 0);
  }

  /** Sum over labelled rows of −log of the probability that logits (P, K) give to their classes, weighted and focused as the config says. */
  surprise(logits: tf.Tensor2D, { features }: TargetBatch<ClassFeatures>): tf.Scalar {
    const { classes, labelSmoothing, focalGamma } = this.#config;
    const probabilities = classProbabilities(features.index, this.labels.length, labelSmoothing);
    const weights = classes.weights && tf.tensor1d([...classes.weights]);
    if (focalGamma > 0) return focalCrossEntropy(logits, probabilities, focalGamma, weights);
    return weights ? weightedCrossEntropy(logits, probabilities, weights) : crossEntropy(logits, probabilities);
  }

  scores(logits: tf.Tensor2D): { logits: tf.Tensor2D } {
    return { logits: tf.div(logits, this.temperature.value) };
  }

  answers({ logits }: Readonly<Record<string, HostTensor>>): Classification[] {
    return readClassifications(logits, this.labels);
  }

  override evaluate(predictions: readonly Classification[], targets: readonly (ClassRow | undefined)[]): Metrics {
    return classificationMetrics(answered(predictions, targets), this.labels);
  }

  /** Fits the temperature to the answers, so that they are as sure as they are right. */
  override calibrate(predictions: readonly Classification[], targets: readonly (ClassRow | undefined)[]): void {
    const [before] = this.temperature.value.dataSync();
    this.temperature.assignValues(Float32Array.of(before * fitTemperature(answered(predictions, targets))));
  }
}

/** The answers to rows that have a target. */
function answered(predictions: readonly Classification[], targets: readonly (ClassRow | undefined)[]): ClassifiedRow[] {
  return predictions.flatMap(({ index, probabilities }, row) => {
    const target = targets[row];
    return target ? [{ predicted: index, actual: classOf(target), probabilities }] : [];
  });
}

/** The head `classification`. */
export const classification = defineHead({
  name: 'classification',
  target: classTarget,
  config: z.object(classificationOptions),
  create: (config, { fusion, target }) =>
    new ClassificationHead({ ...config, hiddenSize: fusion.hiddenSize, classes: target }),
});
