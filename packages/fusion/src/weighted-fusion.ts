import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  mapRecord,
  Parameter,
} from '@polymodal/core';
import { EXCLUDED_LOGIT, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { AddedModalities, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { ModalityVectors, type PlacedVectors, presence, vectorTokens, withTokenInEachRow } from './modality-vectors';
import { vectorSlots } from './vector-slots';

/**
 * Late fusion by a weighted average: how much each modality counts is learned, one number a_m for all rows, and shared out among those
 * that a row has:
 *
 *     h = Σ w_m h_m    w = softmax(a) over the modalities that are there
 *
 * At first it is `mean`. `usage` has the weights. A multilayer perceptron follows.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'weighted' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class WeightedFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  override readonly keepsTokens = false;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  /** a_m, a scalar of each modality. */
  readonly logits: Readonly<Record<string, Parameter<tf.Rank.R0>>>;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: VectorConfig, encoders: Encoders) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.offers = offeredWith(config.added, 'encoded', 'owner', 'usage');
    const averaged = encodersBeside(config.added, encoders, 'fusion.added');
    this.vectors = new ModalityVectors(averaged, config.hiddenSize);
    this.added = new AddedModalities(config.added, encoders, config.hiddenSize);
    this.logits = mapRecord(averaged, () => new Parameter([], zeros));
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.vectors.forward(encoded, batch.size);
    const tokens = vectorTokens(placed, Object.keys(encoders));
    const usage = this.#weights(placed, tokens.mask);
    const weights = Object.keys(usage).length > 0 ? tf.concat(Object.values(usage), 1) : tokens.mask; // (B, M)
    const average = tf.sum<tf.Tensor2D>(tf.mul(tokens.tokens, tf.expandDims(weights, 2)), 1); // (B, D)
    const joint = this.added.forward(average, encoded);
    return {
      ...withTokenInEachRow(tokens, placed, joint),
      ...this.added.gates(encoded, batch.size),
      pooled: this.mlp.forward(joint, context),
      encoded,
      usage,
    };
  }

  /** (B, 1) each: w_m, 0 where a row lacks the modality. */
  #weights({ present }: PlacedVectors, mask: tf.Tensor2D): Record<string, tf.Tensor2D> {
    const logits = Object.entries(present).map(([slot, rows]) =>
      tf.add<tf.Tensor2D>(tf.mul(tf.sub(1, presence(rows)), EXCLUDED_LOGIT), this.logits[slot].value),
    );
    if (logits.length === 0) return {};
    const weights = tf.mul(tf.softmax(tf.concat(logits, 1)), mask); // (B, M), of a row without any 0 too
    const shares = tf.split<tf.Tensor2D>(weights, logits.length, 1);
    return Object.fromEntries(Object.keys(present).map((slot, index) => [slot, shares[index]]));
  }
}

/** The fusion `weighted`. */
export const weighted = defineFusion({
  name: 'weighted',
  config: vectorOptions,
  create: (config, setup) => new WeightedFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
  slots: vectorSlots,
});
