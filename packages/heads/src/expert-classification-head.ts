import {
  type Context,
  defineHead,
  type Encoders,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type PresentRows,
  selectTarget,
  type TargetBatch,
} from '@polymodal/core';
import { dropout, Linear, placeRows, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ClassFeatures, ClassRow } from './class-target';
import { type Classification, readClassifications } from './classification';
import { ClassificationHead } from './classification-head';
import { type ClassificationConfig, classificationOptions } from './classification-options';
import { classTarget } from './classification-target';
import { gatherRows } from './gather-rows';
import { selectPresentRows } from './select-present-rows';

const options = z.object({
  ...classificationOptions,
  /** Weight of the mean loss of what experts say, beside the loss of the answer. */
  expertWeight: z.number().min(0).default(1),
});

/** Sizes and choices of an {@link ExpertClassificationHead}. */
export interface ExpertClassificationConfig extends ClassificationConfig {
  readonly expertWeight: number;
}

/** What an {@link ExpertClassificationHead} computes. */
export interface ExpertLogits {
  /** (B, K), of the answer. */
  readonly logits: tf.Tensor2D;
  /** Of the expert of each modality that a row of the batch has. */
  readonly experts: Readonly<Record<string, { readonly logits: tf.Tensor2D; readonly rows: Int32Array }>>;
}

/** What an {@link ExpertClassificationHead} says of a row. */
export interface ExpertClassification extends Classification {
  /** What the expert of each modality says that the row has, knowing nothing of the others. */
  readonly experts: Readonly<Record<string, Classification>>;
}

/**
 * One of several classes, from what each modality says by itself and what the fusion finds in all: the logits of a
 * linear classifier over the pooled output of each encoder and of one over the fused representation are added.
 *
 * A sum of logits is a product of probabilities (Hinton 2002, "products of experts"), which is right for modalities that
 * are independent given the class; the fused classifier, near 0 at first, learns what is more to it. Each expert also
 * has a loss of its own: the gradient of a joint loss alone fades as soon as one modality knows the answer, and the encoders
 * of the others stay behind (Peng et al. 2022, section 3.2). Experts start at 0: that of a modality which is added to a
 * trained model changes nothing at first.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { ripe: { use: 'expert-classification', labels: ['ripe', 'unripe'] } },
 * });
 * const [answer] = await composeModel(registry, config).predict([{ note: 'soft and sweet' }]);
 * console.log(answer?.ripe.label, answer?.ripe.experts); // and what each modality says alone
 * ```
 */
export class ExpertClassificationHead extends Head<ExpertLogits, ExpertClassification> {
  readonly requires = {};
  override readonly reads = ['encoded'] as const;
  override readonly resamples = true;
  readonly fused: ClassificationHead;
  /** By modality. */
  readonly experts: Readonly<Record<string, Linear>>;
  readonly #expertWeight: number;
  readonly #dropout: number;

  constructor(config: ExpertClassificationConfig, encoders: Encoders) {
    super();
    this.fused = new ClassificationHead(config);
    this.experts = Object.fromEntries(
      Object.entries(encoders).map(([modality, { pooledSize }]) => [
        modality,
        new Linear(pooledSize, config.classes.labels.length, { initializer: zeros }),
      ]),
    );
    this.#expertWeight = config.expertWeight;
    this.#dropout = config.dropout;
  }

  get labels(): readonly string[] {
    return this.fused.labels;
  }

  forward(input: HeadInput, context: Context): ExpertLogits {
    const { pooled } = input.fused;
    const experts = Object.fromEntries(
      Object.entries(fusedPart(input.fused, 'encoded')).map(([modality, own]) => {
        const logits = this.experts[modality].forward(
          dropout(own.pooled, this.#dropout, context, this.experts[modality]),
        );
        return [modality, { logits, rows: own.rows }];
      }),
    );
    const placed = Object.values(experts).map(({ logits, rows }) => placeRows(logits, rows, pooled.shape[0]));
    return { logits: tf.addN([this.fused.forward(input, context), ...placed]), experts };
  }

  /** Cross-entropy of the answer over the rows that have a target, and that of all that experts say of such rows. */
  loss(target: TargetBatch<ClassFeatures> | undefined, { rows }: PresentRows): LossTerms<ExpertLogits> {
    if (!target) return {};
    const { crossEntropy } = this.fused.loss(target);
    const said = Object.entries(rows).flatMap(([modality, own]) => {
      const labelled = Array.from(own).filter((row) => target.rows.includes(row));
      return labelled.length === 0 ? [] : [{ modality, labelled, own: selectTarget(target, labelled)! }];
    });
    return {
      crossEntropy: { ...crossEntropy, sum: ({ logits }, context) => crossEntropy.sum(logits, context) },
      ...(this.#expertWeight > 0 && {
        experts: {
          count: said.reduce((count, { own }) => count + this.fused.weightOf(own), 0),
          weight: this.#expertWeight,
          sum: ({ experts }: ExpertLogits) =>
            tf.addN(
              said.map(({ modality, labelled, own }) => {
                const { logits, rows } = experts[modality];
                return this.fused.surprise(
                  gatherRows(
                    logits,
                    labelled.map((row) => rows.indexOf(row)),
                  ),
                  own,
                );
              }),
            ) as tf.Scalar,
        },
      }),
    };
  }

  scores({ logits, experts }: ExpertLogits): tf.NamedTensorMap {
    const named = Object.entries(experts).map(([modality, own]) => [expertScore(modality), own.logits]);
    return { ...this.fused.scores(logits), ...Object.fromEntries(named) };
  }

  answers(scores: Readonly<Record<string, HostTensor>>, { rows }: PresentRows): ExpertClassification[] {
    const answers = readClassifications(scores.logits, this.labels);
    const experts: Record<string, Classification>[] = answers.map(() => ({}));
    for (const [modality, present] of Object.entries(rows)) {
      const own = readClassifications(scores[expertScore(modality)], this.labels);
      present.forEach((row, index) => {
        experts[row][modality] = own[index];
      });
    }
    return answers.map((answer, row) => ({ ...answer, experts: experts[row] }));
  }

  override selectRows({ logits, experts }: ExpertLogits, rows: readonly number[]): ExpertLogits {
    const kept = Object.entries(experts).flatMap(([modality, own]) => {
      const selected = selectPresentRows(own.logits, own.rows, rows);
      return selected ? [[modality, { logits: selected.values, rows: selected.rows }] as const] : [];
    });
    return { logits: gatherRows(logits, rows), experts: Object.fromEntries(kept) };
  }

  /** Accuracy, cross-entropy and macro F1 of the answers, and the accuracy of each expert. */
  override evaluate(predictions: readonly ExpertClassification[], targets: readonly (ClassRow | undefined)[]): Metrics {
    const accuracies = Object.keys(this.experts).flatMap((modality) => {
      const rows = [...predictions.keys()].filter((row) => predictions[row].experts[modality]);
      const own = this.fused.evaluate(
        rows.map((row) => predictions[row].experts[modality]),
        rows.map((row) => targets[row]),
      );
      return 'accuracy' in own ? [[`${modality} alone accuracy`, own.accuracy] as const] : [];
    });
    return { ...this.fused.evaluate(predictions, targets), ...Object.fromEntries(accuracies) };
  }

  /** Fits the temperature of the answer; experts answer as they did. */
  override calibrate(predictions: readonly ExpertClassification[], targets: readonly (ClassRow | undefined)[]): void {
    this.fused.calibrate(predictions, targets);
  }
}

/** The name of an expert's logits among the scores. */
function expertScore(modality: string): string {
  return `experts.${modality}`;
}

/** The head `expert-classification`. */
export const expertClassification = defineHead({
  name: 'expert-classification',
  target: classTarget,
  config: options,
  create: (config, { fusion, encoders, target }) =>
    new ExpertClassificationHead({ ...config, hiddenSize: fusion.hiddenSize, classes: target }, encoders),
});
