import {
  type Batch,
  type Context,
  Head,
  type HeadInput,
  type HostTensor,
  type LossTerms,
  type Metrics,
  type ModalityBatch,
  type PresentRows,
  type RandomKey,
  type Requirements,
  type TargetBatch,
  type ViewInput,
} from '@polymodal/core';
import { Linear, truncatedNormal, withoutGradient } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ContrastiveHead, ContrastiveOutput } from './contrastive-head';
import { type HiddenConfig, hiddenLayers, lastWidth, throughHidden } from './hidden-layers';
import type { MatchFeatures } from './match-target';
import { matchesOf } from './matches-of';

/** What a {@link MatchingHead} is made from. */
export interface MatchingConfig extends HiddenConfig {
  /** The two that are to belong together. */
  readonly modalities: readonly [string, string];
  /** The head that feeds it, by whose similarities pairs are chosen that are hard to tell apart. */
  readonly contrastive: ContrastiveHead | undefined;
  /** How freely pairs that do not match are drawn: 1 by the softmax of similarities, 0 always the most similar. */
  readonly samplingTemperature: number;
}

/** What a {@link MatchingHead} says of a row. */
export interface Matching {
  /** That its two values belong together. */
  readonly probability: number;
}

/**
 * Whether two values of a row belong together, told from what the fusion makes of both (image–text matching). In training each row is also
 * paired with a value of another row, once on either side: with one that is similar, where a contrastive head feeds it (hard
 * negatives, Li et al. 2021, ALBEF, section 3.2), else with any. Rows of an equal target match, and are never paired as if they did not.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, caption: { use: 'transformer' } },
 *   fusion: { use: 'masked-transformer' },
 *   heads: { align: { use: 'contrastive' }, match: { use: 'matching', input: 'align' } },
 * });
 * ```
 */
export class MatchingHead extends Head<tf.Tensor1D, Matching> {
  readonly requires: Requirements;
  override readonly needsTarget = false;
  override readonly comparesRows = true; // the pairs that do not match are made of the rows of one batch
  readonly hidden: readonly Linear[];
  readonly classifier: Linear;
  readonly #config: MatchingConfig;

  constructor(config: MatchingConfig) {
    super();
    this.#config = config;
    this.requires = { all: config.modalities };
    this.hidden = hiddenLayers(config);
    this.classifier = new Linear(lastWidth(config), 1, { initializer: truncatedNormal(0.02) });
  }

  /** Three times as many rows: those of the batch, each with the second value of another, and each with the first of another. */
  override view(batch: Batch, { target, parent }: ViewInput, context: Context): Batch {
    const { size, modalities } = batch;
    const [first, second] = this.#config.modalities;
    const candidates = this.#candidates(size, target as TargetBatch<MatchFeatures> | undefined);
    const drawn = withoutGradient(() => {
      const preferences = this.#preferences(size, parent as ContrastiveOutput | undefined);
      return tf.stack(preferences.map((own) => this.#drawn(own, candidates, context)));
    });
    const [others, owners] = tf.unstack(drawn) as tf.Tensor1D[]; // of the second modality for each row, and of the first
    const own = tf.range(0, size, 1, 'int32');
    const rows = Int32Array.from({ length: 3 * size }, (_, row) => row);
    return {
      size: 3 * size,
      modalities: {
        [first]: { rows, features: gathered(modalities[first], tf.concat([own, own, owners])) },
        [second]: { rows, features: gathered(modalities[second], tf.concat([own, others, own])) },
      },
      targets: {},
    };
  }

  /** @returns (B) logits */
  forward({ fused }: HeadInput, context: Context): tf.Tensor1D {
    const hidden = throughHidden(this.hidden, fused.pooled, this.#config.dropout, context, this);
    return tf.squeeze(this.classifier.forward(hidden), [1]);
  }

  /** The log-loss over pairs: one that matches and, where there is a row that it does not match, two that do not, for each row. */
  loss(target: TargetBatch<MatchFeatures> | undefined, { size }: PresentRows): LossTerms<tf.Tensor1D> {
    const groups = groupsOf(target, size);
    const withOthers = groups.filter((own) => groups.some((other) => other !== own)).length;
    if (withOthers === 0) return {};
    const sum = (logits: tf.Tensor1D) => {
      const hasOther = tf.minimum(tf.sum(this.#candidates(size, target), 1), 1) as tf.Tensor1D;
      const [matching, ...others] = tf.split(logits, 3) as tf.Tensor1D[];
      const right = tf.sum(tf.softplus(tf.neg(matching))); // −log sigmoid(x) = softplus(−x)
      const wrong = others.map((own) => tf.sum(tf.mul(tf.softplus(own), hasOther)));
      return tf.addN([right, ...wrong]) as tf.Scalar;
    };
    return { matching: { count: size + 2 * withOthers, sum } };
  }

  scores(logits: tf.Tensor1D): { logits: tf.Tensor1D } {
    return { logits };
  }

  answers({ logits }: Readonly<Record<string, HostTensor>>): Matching[] {
    return Array.from(logits.data, (logit) => ({ probability: 1 / (1 + Math.exp(-logit)) }));
  }

  /** How many of the pairs that there are it takes for such. */
  override evaluate(predictions: readonly Matching[]): Metrics {
    if (predictions.length === 0) return {};
    return { recognized: predictions.filter(({ probability }) => probability > 0.5).length / predictions.length };
  }

  /** (n, n): 1 where the values of two rows do not belong together. */
  #candidates(size: number, target: TargetBatch<MatchFeatures> | undefined): tf.Tensor2D {
    return tf.sub(
      1,
      matchesOf(
        target,
        Array.from({ length: size }, (_, row) => row),
      ),
    );
  }

  /**
   * Two of (n, n): how much each value of the first modality is to be paired with each of the second, and the other way round: softmax of
   * similarities, to which no gradient flows, and something for each, as in ALBEF; all alike without a head that compares.
   */
  #preferences(size: number, output: ContrastiveOutput | undefined): readonly [tf.Tensor2D, tf.Tensor2D] {
    const { contrastive, modalities } = this.#config;
    if (!contrastive || !output) return [tf.ones([size, size]), tf.ones([size, size])];
    const [a, b] = modalities.map((modality) => output.embeddings[modality].values);
    const [first, second] = modalities;
    const ofA = contrastive.logits(first, a, b);
    const ofB = contrastive.logits(second, b, a);
    return [ofA, ofB].map((logits) => tf.add(tf.softmax(logits), 1e-4)) as unknown as [tf.Tensor2D, tf.Tensor2D];
  }

  /** One candidate for each row, by their weights: the largest of log w + T · Gumbel noise is one drawn by w ** (1 / T). int32 (n). */
  #drawn(weights: tf.Tensor2D, candidates: tf.Tensor2D, context: Context): tf.Tensor1D {
    const { samplingTemperature } = this.#config;
    const isDrawn = context.training && samplingTemperature > 0; // else the most probable
    const noise = isDrawn ? context.drawFor<tf.Rank.R2>(this, weights.shape, gumbelNoise(weights.size)) : 0;
    const keyed = tf.add(tf.log(weights), tf.mul(noise, samplingTemperature));
    return tf.argMax(tf.where(tf.cast(candidates, 'bool'), keyed, tf.fill(weights.shape, -1e9)), 1);
  }
}

/** −log(−log u), of uniform u that is kept from 0 and 1. */
function gumbelNoise(size: number) {
  return (key: RandomKey) => key.uniform(size).map((u) => -Math.log(-Math.log(u * (1 - 1e-6) + 5e-7)));
}

function gathered({ features }: ModalityBatch, rows: tf.Tensor1D): ModalityBatch['features'] {
  const taken = Object.entries(features).map(([name, own]) => [name, tf.gather(own as tf.Tensor, rows)]);
  return Object.fromEntries(taken) as ModalityBatch['features'];
}

/** Something for each row that is equal for those that match. */
function groupsOf(target: TargetBatch<MatchFeatures> | undefined, size: number): string[] {
  const groups = Array.from({ length: size }, (_, row) => `row ${row}`);
  target?.rows.forEach((row, place) => {
    const { data } = target.values.group;
    groups[row] = `${data[2 * place]} ${data[2 * place + 1]}`;
  });
  return groups;
}
