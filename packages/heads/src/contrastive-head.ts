import {
  ConfigError,
  defineHead,
  type Encoders,
  type Features,
  fusedPart,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  Parameter,
  type PresentRows,
  type Requirements,
  suggestNames,
  type TargetBatch,
  UnknownNameError,
} from '@polymodal/core';
import { constant, Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { contrastiveLoss } from './contrastive-loss';
import { gatherRows } from './gather-rows';
import { groupOf, matchTarget } from './match-target';
import { retrievalRecall } from './retrieval-recall';
import { type PresentValues, selectPresentRows } from './select-present-rows';

const options = z.object({
  /** Which modalities are aligned, two or more. Default: all. */
  modalities: z.array(z.string()).min(2).readonly().optional(),
  /** E, width of the shared space. Default: the model's width. */
  embeddingSize: z.int().positive().optional(),
  /** The first value of the learned temperature. */
  temperature: z.number().min(0.01).default(0.07),
});

/** Sizes and choices of a {@link ContrastiveHead}. */
export interface ContrastiveConfig {
  /** How error messages call the head. */
  readonly name: string;
  readonly modalities: readonly string[];
  readonly embeddingSize: number;
  readonly temperature: number;
}

/** What a {@link ContrastiveHead} computes. */
export interface ContrastiveOutput {
  /** By modality that a row of the batch has: (P, E), each of unit length. */
  readonly embeddings: Readonly<Record<string, PresentValues>>;
  /** A scalar, 1 / temperature. */
  readonly scale: tf.Scalar;
}

/** What a {@link ContrastiveHead} says of a row: the unit-length embedding (E) of each aligned modality that it has. */
export interface Embeddings {
  readonly embeddings: Readonly<Record<string, Float32Array>>;
}

/** The temperature never falls below 1/100 (Radford et al. 2021, section 2.5). */
const maxLogitScale = Math.log(100);

/**
 * Aligns modalities in one space: the pooled output of each encoder, projected and of unit length, is near to those of
 * the same row (Radford et al. 2021, for two; here for each pair of any number). It learns without a target; rows whose targets are
 * equal match one another.
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
  override readonly needsTarget = false;
  readonly projections: Readonly<Record<string, Linear>>;
  /** A scalar, log(1 / temperature). */
  readonly logitScale: Parameter<tf.Rank.R0>;

  constructor(config: ContrastiveConfig, encoders: Encoders) {
    super();
    checkModalities(config.modalities, encoders, `heads.${config.name}.modalities`);
    this.requires = { any: config.modalities };
    this.projections = Object.fromEntries(
      config.modalities.map((modality) => [
        modality,
        new Linear(encoders[modality].pooledSize, config.embeddingSize, { bias: false }),
      ]),
    );
    this.logitScale = new Parameter([], constant(-Math.log(config.temperature)));
  }

  forward({ fused }: HeadInput): ContrastiveOutput {
    const embeddings: Record<string, PresentValues> = {};
    for (const [modality, projection] of Object.entries(this.projections)) {
      const encoded = fusedPart(fused, 'encoded')[modality];
      if (encoded)
        embeddings[modality] = { values: unitLength(projection.forward(encoded.pooled)), rows: encoded.rows };
    }
    return { embeddings, scale: tf.exp(tf.minimum<tf.Scalar>(this.logitScale.value, maxLogitScale)) };
  }

  /** Symmetric InfoNCE, over the pairs of modalities that at least two rows have both of. Negatives are the other rows of the batch. */
  loss(target: TargetBatch | undefined, { rows }: PresentRows): LossTerms<ContrastiveOutput> {
    const aligned = Object.keys(this.projections).filter((modality) => rows[modality]);
    const shared = pairs(aligned).flatMap(([a, b]) => {
      const both = Array.from(rows[a]).filter((row) => rows[b].includes(row));
      return both.length < 2 ? [] : [{ a, b, both }];
    });
    const sum = ({ embeddings, scale }: ContrastiveOutput) =>
      tf.addN(
        shared.map(({ a, b, both }) => {
          const [ofA, ofB] = [a, b].map((modality) => valuesOf(embeddings[modality], both));
          return contrastiveLoss(ofA, ofB, scale, matchesOf(target, both));
        }),
      ) as tf.Scalar;
    return { contrastive: { count: shared.reduce((count, { both }) => count + both.length, 0), sum } };
  }

  scores({ embeddings }: ContrastiveOutput): tf.NamedTensorMap {
    return Object.fromEntries(Object.entries(embeddings).map(([modality, { values }]) => [modality, values]));
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

  override selectRows({ embeddings, scale }: ContrastiveOutput, rows: readonly number[]): ContrastiveOutput {
    const kept = Object.entries(embeddings).flatMap(([modality, own]) => {
      const selected = selectPresentRows(own.values, own.rows, rows);
      return selected ? [[modality, selected] as const] : [];
    });
    return { embeddings: Object.fromEntries(kept), scale };
  }

  /**
   * Recall@1 for each direction between two modalities, over the rows that have both: how often the nearest row is the
   * same one or, with a target, one with the same value.
   */
  override evaluate(predictions: readonly Embeddings[], targets: readonly (Features | undefined)[]): Metrics {
    const metrics: Record<string, number> = {};
    for (const [a, b] of pairs(Object.keys(this.projections))) {
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
  config: options,
  create: ({ modalities, embeddingSize, ...config }, setup) =>
    new ContrastiveHead(
      {
        ...config,
        name: setup.name,
        modalities: modalities ?? Object.keys(setup.encoders),
        embeddingSize: embeddingSize ?? setup.fusion.hiddenSize,
      },
      setup.encoders,
    ),
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

/** (n, n): 1 where two of some rows match, because they are the same or have the same target. */
function matchesOf(target: TargetBatch | undefined, rows: readonly number[]): tf.Tensor2D {
  const self = tf.eye(rows.length);
  if (!target) return self;
  const known = rows.map((row) => target.rows.indexOf(row));
  const groups = tf.gather(
    target.features.group,
    tf.tensor1d(
      known.map((at) => Math.max(at, 0)),
      'int32',
    ),
  ); // (n, 2)
  const equal = tf.all(tf.equal(tf.expandDims(groups, 1), tf.expandDims(groups, 0)), 2); // (n, n)
  const has = tf.tensor2d(
    known.map((at) => (at < 0 ? 0 : 1)),
    [rows.length, 1],
  );
  return tf.maximum(self, tf.mul(tf.cast(equal, 'float32'), tf.mul(has, tf.transpose(has))));
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));
}

function checkModalities(modalities: readonly string[], encoders: Encoders, where: string): void {
  const known = Object.keys(encoders);
  const unknown = modalities.find((modality) => !known.includes(modality));
  if (unknown !== undefined) {
    throw new UnknownNameError({
      where,
      expected: 'the name of an encoder slot',
      received: `"${unknown}"`,
      hint: suggestNames(unknown, known),
    });
  }
  if (new Set(modalities).size >= 2) return;
  throw new ConfigError({
    where,
    expected: 'at least two modalities to align',
    received: modalities.join(', ') || 'none',
    hint: 'Give the model a second encoder, or leave the contrastive head out.',
  });
}
