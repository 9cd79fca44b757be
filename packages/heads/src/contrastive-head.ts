import {
  defineHead,
  type Encoders,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  Parameter,
  type PresentRows,
  type Requirements,
  type TargetBatch,
} from '@polymodal/core';
import { constant } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { contrastiveLoss, pairwiseLoss } from './contrastive-loss';
import { type ContrastiveConfig, contrastiveOptions, resolveContrastiveConfig } from './contrastive-options';
import { gatherRows } from './gather-rows';
import { groupOf, type MatchFeatures, type MatchRow, matchTarget } from './match-target';
import { matchesOf } from './matches-of';
import { type Projection, projectionFrom } from './projection';
import { retrievalRecall } from './retrieval-recall';
import { type PresentValues, selectPresentRows } from './select-present-rows';

/** What a {@link ContrastiveHead} computes. */
export interface ContrastiveOutput {
  /** By modality that a row of the batch has: (P, E), each of unit length. */
  readonly embeddings: Readonly<Record<string, PresentValues>>;
}

/** What a {@link ContrastiveHead} says of a row: the unit-length embedding (E) of each aligned modality that it has. */
export interface Embeddings {
  readonly embeddings: Readonly<Record<string, Float32Array>>;
}

/**
 * Aligns modalities in one space: the pooled output of each encoder, projected and of unit length, is near to those of
 * the same row (Radford et al. 2021, for two; here for each pair of any number). It learns without a target; rows whose targets are
 * equal match one another. CLIP, SigLIP and CLAP are two encoders and this head.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, caption: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { match: { use: 'contrastive', embeddingSize: 32 } },
 * });
 * const [answer] = await composeModel(registry, config).predict([{ caption: 'a ripe tomato' }]);
 * console.log(answer?.match?.embeddings.caption); // 32 numbers, of unit length
 * ```
 */
export class ContrastiveHead extends Head<ContrastiveOutput, Embeddings> {
  readonly requires: Requirements;
  override readonly reads = ['encoded'] as const;
  override readonly readsSlots: readonly string[];
  override readonly needsTarget = false;
  override readonly comparesRows = true;
  /** By modality; none for vectors that lie in the shared space as they are. */
  readonly projections: Readonly<Record<string, Projection>>;
  /**
   * Scalars, the logarithm of what cosines are multiplied by: one, or one for each modality, for choosing among others by one of its
   * rows.
   */
  readonly logitScale: Parameter<tf.Rank.R0> | Readonly<Record<string, Parameter<tf.Rank.R0>>>;
  /** A scalar that is added to scaled cosines, of pairs that are judged each by itself. */
  readonly logitBias: Parameter<tf.Rank.R0> | undefined;
  readonly #config: ContrastiveConfig;

  constructor(config: ContrastiveConfig, encoders: Encoders) {
    super();
    const { modalities, temperature, scalePerModality, bias } = config;
    this.#config = config;
    this.requires = { any: modalities };
    this.readsSlots = modalities;
    const projections = modalities.flatMap((modality) => {
      const projection = projectionFrom(encoders[modality].pooledSize, config);
      return projection ? [[modality, projection] as const] : [];
    });
    this.projections = Object.fromEntries(projections);
    const scale = () => new Parameter<tf.Rank.R0>([], constant(-Math.log(temperature)));
    this.logitScale = scalePerModality ? Object.fromEntries(modalities.map((each) => [each, scale()])) : scale();
    this.logitBias = bias === undefined ? undefined : new Parameter([], constant(bias));
  }

  /** Names of those that are aligned. */
  get modalities(): readonly string[] {
    return this.#config.modalities;
  }

  forward({ fused }: HeadInput): ContrastiveOutput {
    const embeddings: Record<string, PresentValues> = {};
    for (const modality of this.modalities) {
      const encoded = fusedPart(fused, 'encoded')[modality];
      if (!encoded) continue;
      const projected = this.projections[modality]?.forward(encoded.pooled) ?? encoded.pooled;
      embeddings[modality] = { values: unitLength(projected), rows: encoded.rows };
    }
    return { embeddings };
  }

  /**
   * How well rows of a modality fit candidates of another: their cosines, scaled, and with the bias where there is one.
   *
   * @param from       the modality of the rows
   * @param rows       (n, E) of unit length
   * @param candidates (m, E) of unit length
   * @returns          (n, m)
   */
  logits(from: string, rows: tf.Tensor2D, candidates: tf.Tensor2D): tf.Tensor2D {
    return this.#scaled(from, tf.matMul(rows, candidates, false, true));
  }

  /**
   * What logits say: how probable each candidate is for a row, among all of them (`softmax`), or each by itself (`sigmoid`).
   *
   * @param logits (n, m)
   * @returns      (n, m)
   */
  probabilities(logits: tf.Tensor2D): tf.Tensor2D {
    return this.#config.loss === 'softmax' ? tf.softmax(logits) : tf.sigmoid(logits);
  }

  /** Over the pairs of modalities: of rows that have both, the other rows of the batch are what does not belong together. */
  loss(target: TargetBatch<MatchFeatures> | undefined, { rows }: PresentRows): LossTerms<ContrastiveOutput> {
    const fewest = this.#config.loss === 'softmax' ? 2 : 1; // of one alone nothing is chosen
    const shared = pairs(this.modalities.filter((modality) => rows[modality])).flatMap(([a, b]) => {
      const both = Array.from(rows[a]).filter((row) => rows[b].includes(row));
      return both.length < fewest ? [] : [{ a, b, both }];
    });
    const sum = ({ embeddings }: ContrastiveOutput) =>
      tf.addN(
        shared.map(({ a, b, both }) => {
          const [ofA, ofB] = [a, b].map((modality) => valuesOf(embeddings[modality], both));
          return this.#lossOf(a, b, tf.matMul(ofA, ofB, false, true), matchesOf(target, both));
        }),
      ) as tf.Scalar;
    return { contrastive: { count: shared.reduce((count, { both }) => count + both.length, 0), sum } };
  }

  /** @param cosines (n, n) of the rows of `a` and of `b` */
  #lossOf(a: string, b: string, cosines: tf.Tensor2D, matches: tf.Tensor2D): tf.Scalar {
    const logits = this.#scaled(a, cosines);
    if (this.#config.loss === 'sigmoid') return pairwiseLoss(logits, matches);
    return contrastiveLoss(logits, this.#scaled(b, tf.transpose(cosines)), matches);
  }

  #scaled(from: string, cosines: tf.Tensor2D): tf.Tensor2D {
    const { maxScale } = this.#config;
    const { value } = this.logitScale instanceof Parameter ? this.logitScale : this.logitScale[from];
    const scale = tf.exp(maxScale === null ? value : tf.minimum(value, Math.log(maxScale)));
    const scaled = tf.mul<tf.Tensor2D>(cosines, scale);
    return this.logitBias ? tf.add(scaled, this.logitBias.value) : scaled;
  }

  scores(output: ContrastiveOutput): tf.NamedTensorMap {
    return this.rowTensors(output);
  }

  answers(scores: Readonly<Record<string, HostTensor>>, { size, rows }: PresentRows): Embeddings[] {
    const answers: Record<string, Float32Array>[] = Array.from({ length: size }, () => ({}));
    for (const [modality, { data, shape }] of Object.entries(scores)) {
      const width = shape[1]; // E
      rows[modality].forEach((row, index) => {
        answers[row][modality] = data.slice(index * width, (index + 1) * width) as Float32Array;
      });
    }
    return answers.map((embeddings) => ({ embeddings }));
  }

  override selectRows({ embeddings }: ContrastiveOutput, rows: readonly number[]): ContrastiveOutput {
    const kept = Object.entries(embeddings).flatMap(([modality, own]) => {
      const selected = selectPresentRows(own.values, own.rows, rows);
      return selected ? [[modality, selected] as const] : [];
    });
    return { embeddings: Object.fromEntries(kept) };
  }

  override rowTensors({ embeddings }: ContrastiveOutput): tf.NamedTensorMap {
    return Object.fromEntries(Object.entries(embeddings).map(([modality, { values }]) => [modality, values]));
  }

  override joinedOutput(tensors: tf.NamedTensorMap, { rows }: PresentRows): ContrastiveOutput {
    const joined = Object.entries(tensors).map(([modality, values]) => [
      modality,
      { values: values as tf.Tensor2D, rows: rows[modality] },
    ]);
    return { embeddings: Object.fromEntries(joined) };
  }

  /**
   * Recall@1 for each direction between two modalities, over the rows that have both: how often the nearest row is the
   * same one or, with a target, one with the same value.
   */
  override evaluate(predictions: readonly Embeddings[], targets: readonly (MatchRow | undefined)[]): Metrics {
    const metrics: Record<string, number> = {};
    for (const [a, b] of pairs(this.modalities)) {
      const rows = [...predictions.keys()].filter(
        (row) => predictions[row].embeddings[a] && predictions[row].embeddings[b],
      );
      if (rows.length < 2) continue;
      const groups = rows.map((row) => (targets[row] ? groupOf(targets[row]) : row));
      const matches = (query: number, candidate: number) => groups[query] === groups[candidate];
      const [ofA, ofB] = [a, b].map((modality) => rows.map((row) => predictions[row].embeddings[modality]));
      metrics[`${a}→${b} R@1`] = retrievalRecall(ofA, ofB, matches, 1);
      metrics[`${b}→${a} R@1`] = retrievalRecall(ofB, ofA, matches, 1);
    }
    return metrics;
  }
}

/** The head `contrastive`. */
export const contrastive = defineHead({
  name: 'contrastive',
  target: matchTarget,
  config: contrastiveOptions,
  create: (options, { name, encoders, fusion }) => {
    const config = resolveContrastiveConfig(options, { name, encoders, hiddenSize: fusion.hiddenSize });
    return new ContrastiveHead(config, encoders);
  },
});

/** x / |x|. The small number keeps the gradient of a zero vector finite. */
function unitLength(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

function valuesOf({ values, rows }: PresentValues, wanted: readonly number[]): tf.Tensor2D {
  return gatherRows(
    values,
    wanted.map((row) => rows.indexOf(row)),
  );
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}
