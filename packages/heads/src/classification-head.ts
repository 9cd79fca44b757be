import {
  type Context,
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type Metrics,
  type Targets,
} from '@polymodal/core';
import { dropout, Linear, truncatedNormal } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ClassLabels } from './class-labels';
import { type Classification, readClassifications } from './classification';
import { classificationMetrics } from './classification-metrics';
import {
  type ClassificationConfig,
  classificationOptions,
  resolveClassificationConfig,
} from './classification-options';
import { classProbabilities, crossEntropy } from './cross-entropy';
import { gatherRows } from './gather-rows';

/**
 * One of several classes from the pooled representation: a linear layer and a softmax. It runs on every row.
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
  override readonly targetNames: readonly string[];
  readonly labels: readonly string[];
  readonly classifier: Linear;
  readonly #classes: ClassLabels;
  readonly #labelSmoothing: number;
  readonly #dropout: number;

  constructor(config: ClassificationConfig) {
    super();
    this.targetNames = [config.target];
    this.labels = config.labels;
    this.classifier = new Linear(config.hiddenSize, config.labels.length, {
      initializer: truncatedNormal(0.02), // nearly uniform answers at first
    });
    this.#classes = new ClassLabels(config.labels, config.target);
    this.#labelSmoothing = config.labelSmoothing;
    this.#dropout = config.dropout;
  }

  /** @returns (B, K) logits */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    return this.classifier.forward(dropout(fused.pooled, this.#dropout, context, this));
  }

  /** @throws SampleError for a target that is no class */
  override checkTargets(targets: Targets): void {
    this.#classes.check(targets);
  }

  /** Mean cross-entropy over the rows that have a target. @throws SampleError for a target that is no class */
  loss(logits: tf.Tensor2D, targets: readonly (Targets | undefined)[]): tf.Scalar | undefined {
    const known = this.#classes.read(targets);
    if (known.length === 0) return undefined;
    const indices = known.map(({ index }) => index);
    const rows = known.map(({ row }) => row);
    return crossEntropy(
      gatherRows(logits, rows),
      classProbabilities(indices, this.labels.length, this.#labelSmoothing),
    );
  }

  override scores(input: HeadInput, context: Context): { logits: tf.Tensor2D } {
    return { logits: this.forward(input, context) };
  }

  override answers({ logits }: Readonly<Record<string, HostTensor>>): Classification[] {
    return readClassifications(logits, this.labels);
  }

  /** @throws SampleError for a target that is no class */
  override evaluate(predictions: readonly Classification[], targets: readonly (Targets | undefined)[]): Metrics {
    return classificationMetrics(
      this.#classes.read(targets).map(({ row, index }) => ({
        predicted: predictions[row].index,
        actual: index,
        probability: predictions[row].probabilities[index],
      })),
    );
  }
}

/** The head `classification`. */
export const classification = defineHead({
  name: 'classification',
  config: z.object(classificationOptions),
  create: (config, setup) =>
    new ClassificationHead(resolveClassificationConfig(config, setup.fusion.hiddenSize, setup.name)),
});
