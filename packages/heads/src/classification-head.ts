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
import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { ClassLabels } from './class-labels';
import { classificationMetrics } from './classification-metrics';
import { classProbabilities, crossEntropy } from './cross-entropy';
import { gatherRows } from './gather-rows';

const options = z.object({
  /** The classes in order, or how many there are: then their labels are '0', '1', … */
  labels: z.union([
    z.int().min(2),
    z
      .array(z.string())
      .min(2)
      .refine((labels) => new Set(labels).size === labels.length, 'labels that differ from one another')
      .readonly(),
  ]),
  /** The name under which a sample's targets hold its class, a label or an index. Default: the head's name. */
  target: z.string().optional(),
  /** How much of the target's probability is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
});

/** Sizes and choices of a {@link ClassificationHead}. */
export interface ClassificationConfig {
  readonly hiddenSize: number;
  readonly labels: readonly string[];
  readonly target: string;
  readonly labelSmoothing: number;
  readonly dropout: number;
}

/** What a {@link ClassificationHead} says of a row. */
export interface Classification {
  /** Of the most probable class. */
  readonly label: string;
  readonly index: number;
  readonly probability: number;
  /** Of every class, in the order of the labels. */
  readonly probabilities: readonly number[];
}

/** One of several classes from the pooled representation: a linear layer and a softmax. It runs on every row. */
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
    return this.classifier.forward(dropout(fused.pooled, this.#dropout, context));
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

  override answers({ logits: { data } }: Readonly<Record<string, HostTensor>>): Classification[] {
    const numClasses = this.labels.length;
    return Array.from({ length: data.length / numClasses }, (_, row) =>
      this.#classify(data.subarray(row * numClasses, (row + 1) * numClasses)),
    );
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

  #classify(logits: ArrayLike<number>): Classification {
    const probabilities = softmax(logits);
    const index = probabilities.indexOf(Math.max(...probabilities));
    return { label: this.labels[index], index, probability: probabilities[index], probabilities };
  }
}

/** The head `classification`. */
export const classification = defineHead({
  name: 'classification',
  config: options,
  create: ({ labels, target, ...config }, setup) =>
    new ClassificationHead({
      ...config,
      hiddenSize: setup.fusion.hiddenSize,
      labels: typeof labels === 'number' ? Array.from({ length: labels }, (_, index) => String(index)) : labels,
      target: target ?? setup.name,
    }),
});

/** In double precision, so that the cross-entropy of a prediction stays finite. */
function softmax(logits: ArrayLike<number>): number[] {
  const values = Array.from(logits);
  const highest = Math.max(...values);
  const exponentials = values.map((value) => Math.exp(value - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
