import { type Batch, type Context, defineFusion, type Encoders, type Fused, Fusion, Parameter } from '@polymodal/core';
import { EXCLUDED_LOGIT, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { mapRecord } from './map-record';
import { type MlpConfig, mlpOptions, resolveMlpConfig } from './mlp-options';
import { ModalityVectors, presence, vectorTokens } from './modality-vectors';

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
  override readonly offers = ['encoded', 'owner', 'usage'] as const;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  /** a_m, a scalar of each modality. */
  readonly logits: Readonly<Record<string, Parameter<tf.Rank.R0>>>;
  readonly mlp: JointMlp;

  constructor(config: MlpConfig, encoders: Encoders) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.vectors = new ModalityVectors(encoders, config.hiddenSize);
    this.logits = mapRecord(encoders, () => new Parameter([], zeros));
    this.mlp = new JointMlp(config);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.vectors.forward(encoded, batch.size);
    const logits = Object.entries(placed.present).map(([slot, rows]) =>
      tf.add<tf.Tensor2D>(tf.mul(tf.sub(1, presence(rows)), EXCLUDED_LOGIT), this.logits[slot].value),
    );
    const weights = tf.softmax(tf.concat(logits, 1)); // (B, M), 0 where a row lacks the modality
    const tokens = vectorTokens(placed, Object.keys(encoders));
    const joint = tf.sum<tf.Tensor2D>(tf.mul(tokens.tokens, tf.expandDims(weights, 2)), 1); // (B, D)
    const shares = tf.split<tf.Tensor2D>(weights, logits.length, 1);
    const usage = Object.fromEntries(Object.keys(placed.present).map((slot, index) => [slot, shares[index]]));
    return { ...tokens, pooled: this.mlp.forward(joint, context), encoded, usage };
  }
}

/** The fusion `weighted`. */
export const weighted = defineFusion({
  name: 'weighted',
  config: mlpOptions,
  create: (config, setup) => new WeightedFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
});
