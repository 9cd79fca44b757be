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
import { constant, Linear, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { binaryCrossEntropy } from './binary-cross-entropy';
import { focalOptions } from './classification-options';
import { fitThreshold, type LabelledScore } from './fit-threshold';
import { gatherRows } from './gather-rows';
import { type HiddenConfig, hiddenLayers, hiddenOptions, lastWidth, throughHidden } from './hidden-layers';
import { type JudgedLabel, multiLabelMetrics } from './metrics/multi-label-metrics';
import { type LabelsFeatures, type LabelsRow, type MultiLabelProcessor, multiLabelTarget } from './multi-label-target';
import { sigmoid } from './sigmoid';

const options = z.object({
  ...hiddenOptions,
  /** How far targets lie from 0 and 1: half of it. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  ...focalOptions,
});

/** Sizes and choices of a {@link MultiLabelHead}. */
export interface MultiLabelConfig extends HiddenConfig {
  /** The labels and, where those who have one count more, how much: once the target has learned it. */
  readonly target: Pick<MultiLabelProcessor, 'labels' | 'positiveWeights'>;
  readonly labelSmoothing: number;
  readonly focalGamma: number;
}

/** Which of several labels a row has. */
export interface Labelling {
  /** Those whose probability reaches their threshold. */
  readonly labels: readonly string[];
  readonly indices: readonly number[];
  /** Of every label, in their order. */
  readonly probabilities: readonly number[];
}

/**
 * Any of several labels from the pooled representation, each judged by itself. What is not known of a row's labels does not count. A
 * label is said from a probability of 0.5 on, or from its own threshold, once `calibrate` has fitted them to validation data.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { faults: { use: 'multi-label', labels: ['bruised', 'green', 'split'] } },
 * });
 * const [answer] = await composeModel(registry, config).predict([{ note: 'soft, and still green at the top' }]);
 * console.log(answer?.faults.labels); // target: ['bruised', 'green'], or { green: true } where only that is known
 * ```
 */
export class MultiLabelHead extends Head<tf.Tensor2D, Labelling> {
  readonly requires = {};
  override readonly resamples = true;
  readonly hidden: readonly Linear[];
  readonly classifier: Linear;
  /** [K], probabilities from which on the labels are said. */
  readonly thresholds: ModuleBuffer<tf.Rank.R1>;
  readonly #config: MultiLabelConfig;

  constructor(config: MultiLabelConfig) {
    super();
    this.#config = config;
    const count = config.target.labels.length;
    this.hidden = hiddenLayers(config);
    this.classifier = new Linear(lastWidth(config), count, { initializer: truncatedNormal(0.02) });
    this.thresholds = new ModuleBuffer([count], constant(0.5));
  }

  get labels(): readonly string[] {
    return this.#config.target.labels;
  }

  /** @returns (B, K) logits */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    return this.classifier.forward(throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this));
  }

  /** Over the labels of which is known whether a row has them. */
  loss(target: TargetBatch<LabelsFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    const { rows, features, values } = target;
    const { target: own, labelSmoothing, focalGamma } = this.#config;
    const sum = (logits: tf.Tensor2D) => {
      const labels: tf.Tensor2D = tf.add(tf.mul(features.labels, 1 - labelSmoothing), labelSmoothing / 2);
      const positiveWeights = own.positiveWeights && tf.tensor1d([...own.positiveWeights]);
      const surprise = binaryCrossEntropy(gatherRows(logits, rows), labels, { positiveWeights, focalGamma });
      return tf.sum<tf.Scalar>(tf.where(tf.cast(features.known, 'bool'), surprise, tf.zerosLike(surprise)));
    };
    return { crossEntropy: { count: Array.from(values.known.data).filter((known) => known === 1).length, sum } };
  }

  scores(logits: tf.Tensor2D): { logits: tf.Tensor2D; thresholds: tf.Tensor2D } {
    return { logits, thresholds: tf.add(tf.zerosLike(logits), this.thresholds.value) };
  }

  answers({ logits, thresholds }: Readonly<Record<string, HostTensor>>): Labelling[] {
    const count = this.labels.length;
    return Array.from({ length: logits.shape[0] }, (_, row) => {
      const probabilities = Array.from(logits.data.subarray(row * count, (row + 1) * count), sigmoid);
      const isSaid = (index: number) => probabilities[index] >= thresholds.data[row * count + index];
      const indices = [...this.labels.keys()].filter(isSaid);
      return { labels: indices.map((index) => this.labels[index]), indices, probabilities };
    });
  }

  override evaluate(predictions: readonly Labelling[], targets: readonly (LabelsRow | undefined)[]): Metrics {
    return multiLabelMetrics(this.#judged(predictions, targets), this.labels);
  }

  /** Fits the threshold of each label to the answers, for the best F1. */
  override calibrate(predictions: readonly Labelling[], targets: readonly (LabelsRow | undefined)[]): void {
    const rows = this.#judged(predictions, targets);
    const ofLabel = (index: number): LabelledScore[] => rows.flatMap((row) => row[index] ?? []);
    this.thresholds.assignValues(Float32Array.from(this.labels.keys(), (index) => fitThreshold(ofLabel(index))));
  }

  /** What was said of each label of the rows that have a target, as far as it is known. */
  #judged(
    predictions: readonly Labelling[],
    targets: readonly (LabelsRow | undefined)[],
  ): (JudgedLabel | undefined)[][] {
    return predictions.flatMap(({ indices, probabilities }, row) => {
      const target = targets[row];
      if (!target) return [];
      const said = new Set(indices);
      const judged = probabilities.map((score, index) => {
        if (target.known.data[index] === 0) return undefined;
        return { score, isSaid: said.has(index), isPositive: target.labels.data[index] === 1 };
      });
      return [judged];
    });
  }
}

/** The head `multi-label`. */
export const multiLabel = defineHead({
  name: 'multi-label',
  target: multiLabelTarget,
  config: options,
  create: (config, { fusion, target }) => new MultiLabelHead({ ...config, hiddenSize: fusion.hiddenSize, target }),
});
