import { type Batch, type Context, defineFusion, type Encoders, type Fused, Fusion } from '@polymodal/core';
import { maskedMean } from '@polymodal/nn';
import { AddedModalities, encodersBeside } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { ModalityVectors, vectorTokens } from './modality-vectors';
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
  override readonly offers = ['encoded', 'owner'] as const;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: VectorConfig, encoders: Encoders) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.vectors = new ModalityVectors(encodersBeside(config.added, encoders, 'fusion.added'), config.hiddenSize);
    this.added = new AddedModalities(config.added, encoders, config.hiddenSize);
    this.mlp = new JointMlp(config);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const joint = vectorTokens(this.vectors.forward(encoded, batch.size), Object.keys(encoders));
    const mean = this.added.forward(maskedMean(joint.tokens, joint.mask), encoded);
    return { ...joint, pooled: this.mlp.forward(mean, context), encoded };
  }
}

/** The fusion `mean`. */
export const mean = defineFusion({
  name: 'mean',
  config: vectorOptions,
  create: (config, setup) => new MeanFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
  slots: vectorSlots,
});
