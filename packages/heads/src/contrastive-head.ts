import {
  ConfigError,
  defineHead,
  describeValue,
  type Encoders,
  Head,
  type HeadInput,
  type HostTensor,
  type Metrics,
  Parameter,
  type PresentRows,
  type Requirements,
  SampleError,
  suggestNames,
  type Targets,
  UnknownNameError,
} from '@polymodal/core';
import { constant, Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { contrastiveLoss } from './contrastive-loss';
import { gatherRows } from './gather-rows';
import { retrievalRecall } from './retrieval-recall';

const options = z.object({
  /** Which modalities are aligned, two or more. Default: all. */
  modalities: z.array(z.string()).min(2).readonly().optional(),
  /** E, width of the shared space. Default: the model's width. */
  embeddingSize: z.int().positive().optional(),
  /** A target whose equal values make rows match one another. Without it, a row matches only itself. */
  target: z.string().optional(),
  /** The first value of the learned temperature. */
  temperature: z.number().min(0.01).default(0.07),
});

/** Sizes and choices of a {@link ContrastiveHead}. */
export interface ContrastiveConfig {
  /** How error messages call the head. */
  readonly name: string;
  readonly modalities: readonly string[];
  readonly embeddingSize: number;
  readonly target?: string;
  readonly temperature: number;
}

/** What a {@link ContrastiveHead} computes. */
export interface ContrastiveOutput {
  /** By modality that a row of the batch has. */
  readonly embeddings: Readonly<Record<string, RowEmbeddings>>;
  /** A scalar, 1 / temperature. */
  readonly scale: tf.Scalar;
}

/** Embeddings of the rows that have a modality. */
export interface RowEmbeddings {
  /** (P, E), each of unit length. */
  readonly values: tf.Tensor2D;
  /** (P) ascending positions in the batch. */
  readonly rows: Int32Array;
}

/** What a {@link ContrastiveHead} says of a row: the unit-length embedding (E) of each aligned modality that it has. */
export interface Embeddings {
  readonly embeddings: Readonly<Record<string, Float32Array>>;
}

/** The temperature never falls below 1/100 (Radford et al. 2021, section 2.5). */
const maxLogitScale = Math.log(100);

/**
 * Aligns modalities in one space: the pooled output of each encoder, projected and of unit length, is near to those of
 * the same row (Radford et al. 2021, for two; here for each pair of any number).
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
  override readonly targetNames: readonly string[];
  readonly projections: Readonly<Record<string, Linear>>;
  /** A scalar, log(1 / temperature). */
  readonly logitScale: Parameter<tf.Rank.R0>;
  readonly #target: string | undefined;

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
    this.targetNames = config.target === undefined ? [] : [config.target];
    this.#target = config.target;
  }

  forward({ fused }: HeadInput): ContrastiveOutput {
    const embeddings: Record<string, RowEmbeddings> = {};
    for (const [modality, projection] of Object.entries(this.projections)) {
      const encoded = fused.encoded[modality];
      if (encoded)
        embeddings[modality] = { values: unitLength(projection.forward(encoded.pooled)), rows: encoded.rows };
    }
    return { embeddings, scale: tf.exp(tf.minimum<tf.Scalar>(this.logitScale.value, maxLogitScale)) };
  }

  /** @throws SampleError for a target that no other can equal: an object, or NaN */
  override checkTargets(targets: Targets): void {
    const value = this.#target === undefined ? undefined : targets[this.#target];
    if (value === undefined || value === null || isComparable(value)) return;
    throw new SampleError({
      where: `targets.${this.#target}`,
      expected: 'a string, a number or a boolean, whose equals make samples match',
      received: describeValue(value),
    });
  }

  /** Symmetric InfoNCE, the mean over the pairs of modalities that at least two rows have both of. */
  loss({ embeddings, scale }: ContrastiveOutput, targets: readonly (Targets | undefined)[]): tf.Scalar | undefined {
    const losses = pairs(Object.values(embeddings)).flatMap(([a, b]) => {
      const shared = Array.from(a.rows).filter((row) => b.rows.includes(row));
      if (shared.length < 2) return [];
      const groups = shared.map((row) => this.#group(targets[row], row));
      return [contrastiveLoss(rowsOf(a, shared), rowsOf(b, shared), scale, groups)];
    });
    return losses.length === 0 ? undefined : tf.div<tf.Scalar>(tf.addN(losses), losses.length);
  }

  override scores(input: HeadInput): tf.NamedTensorMap {
    const { embeddings } = this.forward(input);
    return Object.fromEntries(Object.entries(embeddings).map(([modality, { values }]) => [modality, values]));
  }

  override answers(scores: Readonly<Record<string, HostTensor>>, { size, rows }: PresentRows): Embeddings[] {
    const answers: Record<string, Float32Array>[] = Array.from({ length: size }, () => ({}));
    for (const [modality, { data, shape }] of Object.entries(scores)) {
      const width = shape[1]; // E
      rows[modality].forEach((row, index) => {
        answers[row][modality] = data.slice(index * width, (index + 1) * width) as Float32Array;
      });
    }
    return answers.map((embeddings) => ({ embeddings }));
  }

  /**
   * Recall@1 for each direction between two modalities, over the rows that have both: how often the nearest row is the
   * same one or, with a `target`, one with the same value.
   */
  override evaluate(predictions: readonly Embeddings[], targets: readonly (Targets | undefined)[]): Metrics {
    const metrics: Record<string, number> = {};
    for (const [a, b] of pairs(Object.keys(this.projections))) {
      const rows = [...predictions.keys()].filter(
        (row) => predictions[row].embeddings[a] && predictions[row].embeddings[b],
      );
      if (rows.length < 2) continue;
      const groups = rows.map((row) => this.#group(targets[row], row));
      const matches = (query: number, candidate: number) => groups[query] === groups[candidate];
      const [ofA, ofB] = [a, b].map((modality) => rows.map((row) => predictions[row].embeddings[modality]));
      metrics[`${a}→${b} R@1`] = retrievalRecall(ofA, ofB, matches, 1);
      metrics[`${b}→${a} R@1`] = retrievalRecall(ofB, ofA, matches, 1);
    }
    return metrics;
  }

  /** Rows match where this is the same: the value of the target, or something that no other row has. */
  #group(targets: Targets | undefined, row: number): unknown {
    const value = this.#target === undefined ? undefined : targets?.[this.#target];
    return value ?? Symbol(`row ${row}`);
  }
}

/** The head `contrastive`. */
export const contrastive = defineHead({
  name: 'contrastive',
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

function isComparable(value: unknown): boolean {
  return ['string', 'boolean', 'bigint'].includes(typeof value) || (typeof value === 'number' && !Number.isNaN(value));
}

/** x / |x|. The small number keeps the gradient of a zero vector finite. */
function unitLength(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

function rowsOf({ values, rows }: RowEmbeddings, wanted: readonly number[]): tf.Tensor2D {
  return gatherRows(
    values,
    wanted.map((row) => rows.indexOf(row)),
  );
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
