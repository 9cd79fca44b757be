import {
  type Context,
  defineHead,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  Parameter,
  type TargetBatch,
} from '@polymodal/core';
import { Linear, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { binaryCrossEntropy } from './binary-cross-entropy';
import { type ClassFeatures, type ClassProcessor, type ClassRow, classOf } from './class-target';
import type { Classification } from './classification';
import { classTarget } from './classification-target';
import { gatherRows } from './gather-rows';
import { type HiddenConfig, hiddenLayers, hiddenOptions, lastWidth, throughHidden } from './hidden-layers';
import { ordinalMetrics } from './metrics/ordinal-metrics';
import { sigmoid } from './sigmoid';

const options = z.object(hiddenOptions);

/** Sizes of an {@link OrdinalHead}. */
export interface OrdinalConfig extends HiddenConfig {
  /** The grades in ascending order and, where they do not count alike, how much each does. */
  readonly grades: Pick<ClassProcessor, 'labels' | 'weights'>;
}

/**
 * One of several grades that have an order, from the pooled representation: how probable it is to be above each grade but the last,
 * by one linear map and ordered cut points (the proportional odds of McCullagh 1980), learned as K − 1 questions (CORAL, Cao et al. 2020).
 * The answer is the median grade, which is off by the fewest grades.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { stars: { use: 'ordinal', labels: ['1', '2', '3', '4', '5'] } },
 * });
 * const [answer] = await composeModel(registry, config).predict([{ note: 'sweet, and fresh' }]);
 * console.log(answer?.stars.label, answer?.stars.probabilities);
 * ```
 */
export class OrdinalHead extends Head<tf.Tensor2D, Classification> {
  readonly requires = {};
  override readonly resamples = true;
  readonly hidden: readonly Linear[];
  readonly ranker: Linear;
  /** [K − 1], the first cut point, and by how much each is below the one before, before softplus. */
  readonly steps: Parameter<tf.Rank.R1>;
  readonly #config: OrdinalConfig;

  constructor(config: OrdinalConfig) {
    super();
    this.#config = config;
    this.hidden = hiddenLayers(config);
    this.ranker = new Linear(lastWidth(config), 1, { bias: false, initializer: truncatedNormal(0.02) });
    this.steps = new Parameter([config.grades.labels.length - 1], uniformGrades);
  }

  get labels(): readonly string[] {
    return this.#config.grades.labels;
  }

  /** @returns (B, K − 1) logits of being above each grade but the last, descending */
  forward({ fused }: HeadInput, context: Context): tf.Tensor2D {
    const hidden = throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this);
    return tf.add(this.ranker.forward(hidden), this.#cutPoints());
  }

  /** b_0 = s_0, b_k = b_{k−1} − softplus(s_k): (1, K − 1) */
  #cutPoints(): tf.Tensor2D {
    const count = this.labels.length - 1;
    const steps = this.steps.value;
    const first = tf.slice(steps, [0], [1]);
    const changes = count === 1 ? first : tf.concat([first, tf.neg(tf.softplus(tf.slice(steps, [1], [count - 1])))]);
    const upTo = tf.tensor2d(
      Float32Array.from({ length: count * count }, (_, at) => Number(at % count >= Math.floor(at / count))),
      [count, count],
    );
    return tf.matMul(tf.expandDims(changes, 0) as tf.Tensor2D, upTo);
  }

  /** Binary cross-entropy of all K − 1 questions over the rows that have a target (CORAL, eq. 4). */
  loss(target: TargetBatch<ClassFeatures> | undefined): LossTerms<tf.Tensor2D> {
    if (!target) return {};
    const { rows, features, values } = target;
    const { weights } = this.#config.grades;
    const sum = (logits: tf.Tensor2D) => {
      const grades = tf.range(0, this.labels.length - 1, 1, 'int32');
      const isAbove = tf.cast(tf.greater(tf.expandDims(features.index, 1), grades), 'float32') as tf.Tensor2D;
      const surprise = tf.sum<tf.Tensor1D>(binaryCrossEntropy(gatherRows(logits, rows), isAbove), 1);
      return tf.sum<tf.Scalar>(
        weights ? tf.mul(surprise, tf.gather(tf.tensor1d([...weights]), features.index)) : surprise,
      );
    };
    const count = weights ? Array.from(values.index.data).reduce((all, index) => all + weights[index], 0) : rows.length;
    return { coral: { count, sum } };
  }

  scores(logits: tf.Tensor2D): { logits: tf.Tensor2D } {
    return { logits };
  }

  answers({ logits }: Readonly<Record<string, HostTensor>>): Classification[] {
    const questions = this.labels.length - 1;
    return Array.from({ length: logits.shape[0] }, (_, row) => {
      const own = logits.data.subarray(row * questions, (row + 1) * questions);
      const above = [1, ...Array.from(own, sigmoid), 0];
      const probabilities = this.labels.map((_, grade) => Math.max(above[grade] - above[grade + 1], 0));
      const index = above.slice(1).filter((probability) => probability > 0.5).length;
      return { label: this.labels[index], index, probability: probabilities[index], probabilities };
    });
  }

  override evaluate(predictions: readonly Classification[], targets: readonly (ClassRow | undefined)[]): Metrics {
    return ordinalMetrics(
      predictions.flatMap(({ index }, row) => {
        const target = targets[row];
        return target ? [{ predicted: index, actual: classOf(target) }] : [];
      }),
    );
  }
}

/** The head `ordinal`. */
export const ordinal = defineHead({
  name: 'ordinal',
  target: classTarget,
  config: options,
  create: (config, { fusion, target }) => new OrdinalHead({ ...config, hiddenSize: fusion.hiddenSize, grades: target }),
});

/** Steps with which all grades are equally probable: cut points log((K − 1 − k) / (k + 1)). */
function uniformGrades(shape: readonly number[]): Float32Array {
  const cut = (index: number) => Math.log((shape[0] - index) / (index + 1));
  return Float32Array.from({ length: shape[0] }, (_, index) =>
    index === 0 ? cut(0) : Math.log(Math.expm1(cut(index - 1) - cut(index))),
  );
}
