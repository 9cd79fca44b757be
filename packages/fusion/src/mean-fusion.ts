import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
} from '@polymodal/core';
import { maskedMean } from '@polymodal/nn';
import { AddedModalities, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { ModalityVectors, vectorTokens, withTokenInEachRow } from './modality-vectors';
import { vectorSlots } from './vector-slots';

/**
 * Late fusion by averaging: the mean of the pooled representations that are present, through a multilayer perceptron.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class MeanFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  override readonly keepsTokens = false;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: VectorConfig, encoders: Encoders) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.offers = offeredWith(config.added, 'encoded', 'owner');
    this.vectors = new ModalityVectors(encodersBeside(config.added, encoders, 'fusion.added'), config.hiddenSize);
    this.added = new AddedModalities(config.added, encoders, config.hiddenSize);
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.vectors.forward(encoded, batch.size);
    const tokens = vectorTokens(placed, Object.keys(encoders));
    const joint = this.added.forward(maskedMean(tokens.tokens, tokens.mask), encoded);
    return {
      ...withTokenInEachRow(tokens, placed, joint),
      ...this.added.gates(encoded, batch.size),
      pooled: this.mlp.forward(joint, context),
      encoded,
    };
  }
}

/** The fusion `mean`. */
export const mean = defineFusion({
  name: 'mean',
  config: vectorOptions,
  create: (config, setup) => new MeanFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
  slots: vectorSlots,
});
