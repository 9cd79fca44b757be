import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  Module,
  mapRecord,
  type NamedTensor,
  Parameter,
} from '@polymodal/core';
import { constant, linear, ones, xavierUniform, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AddedModalities, beside, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { placePooled } from './place-pooled';
import { singleToken } from './single-token';
import { vectorSlots } from './vector-slots';

const options = z.object({
  ...vectorOptions.shape,
  /** R: how many products of factors the weight is the sum of. */
  rank: z.int().positive().max(256).default(4),
});

/** Sizes and choices of a {@link LowRankFusion}. */
export interface LowRankFusionConfig extends VectorConfig {
  readonly rank: number;
}

/**
 * Late fusion by products of all modalities with a weight of low rank (Liu et al. 2018, eq. 6 and 7):
 *
 *     h = Σ_r a_r ∘_m (W_m^(r) [1; x_m]) + b
 *
 * It is what `tensor` computes of the pooled representations x_m with the weight Σ_r a_r ⊗_m W_m^(r), without its products, at a cost
 * that grows with the number of modalities only. One that a row lacks enters as [1; 0]. A multilayer perceptron follows.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'low-rank', rank: 8, numHiddenLayers: 1 },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class LowRankFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  readonly hiddenSize: number;
  readonly factors: Readonly<Record<string, LowRankFactor>>;
  /** a, [R] */
  readonly rankWeights: Parameter<tf.Rank.R1>;
  /** b, [D] */
  readonly bias: Parameter<tf.Rank.R1>;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: LowRankFusionConfig, encoders: Encoders) {
    super();
    const { hiddenSize, rank } = config;
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'encoded');
    const multiplied = encodersBeside(config.added, encoders, 'fusion.added');
    this.factors = mapRecord(multiplied, ({ pooledSize }) => new LowRankFactor(pooledSize, rank * hiddenSize));
    this.rankWeights = new Parameter([rank], constant(1 / Math.sqrt(rank)));
    this.bias = new Parameter([hiddenSize], zeros);
    this.added = new AddedModalities(config.added, encoders, hiddenSize);
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const { size } = batch;
    const encoded = encodeModalities(encoders, batch, context);
    const placed = placePooled(encoders, encoded, size);
    const projected = Object.entries(this.factors).map(([slot, factor]) => factor.forward(placed[slot]));
    const products = projected.reduce((product, own) => tf.mul<tf.Tensor2D>(product, own)); // (B, R · D)
    const byRank = tf.reshape<tf.Rank.R3>(products, [size, this.rankWeights.size, this.hiddenSize]);
    const weights = tf.reshape(this.rankWeights.value, [1, this.rankWeights.size, 1]);
    const joint = tf.add<tf.Tensor2D>(tf.sum(tf.mul(byRank, weights), 1), this.bias.value); // (B, D)
    const pooled = this.mlp.forward(this.added.forward(joint, encoded), context);
    return { ...singleToken(pooled), encoded, ...this.added.gates(encoded, size) };
  }
}

/** A matrix or vector, each row times a number. */
function scaledRows({ data }: NamedTensor, factors: NamedTensor['data']): Float32Array {
  const width = data.length / factors.length;
  return Float32Array.from(data, (value, index) => value * factors[Math.floor(index / width)]);
}

/** W_m of all ranks: those columns that meet the modality, and the one that meets 1, which begins as 1, or products with it would be 0. */
class LowRankFactor extends Module {
  /** [R · D, E] */
  readonly weight: Parameter<tf.Rank.R2>;
  /** [R · D] */
  readonly constant: Parameter<tf.Rank.R1>;

  constructor(inputSize: number, outputSize: number) {
    super();
    this.weight = new Parameter([outputSize, inputSize], xavierUniform());
    this.constant = new Parameter([outputSize], ones);
  }

  forward(x: tf.Tensor2D): tf.Tensor2D {
    return linear(x, this.weight.value, this.constant.value);
  }
}

/** The fusion `low-rank`. */
export const lowRank = defineFusion({
  name: 'low-rank',
  config: options,
  create: (config, { hiddenSize, encoders }) => new LowRankFusion(resolveMlpConfig(config, hiddenSize), encoders),
  slots: {
    ...vectorSlots,
    carry: (path, _, former, { kind, slot, after, options }) => {
      const [first] = Object.keys(beside(options.added, after));
      const constant = former.get(`factors.${slot}.constant`);
      if (kind !== 'removed' || !constant || !path.startsWith(`factors.${first}.`)) return undefined;
      return scaledRows(former.get(path)!, constant.data); // what the absent one multiplied every product by
    },
  },
});
