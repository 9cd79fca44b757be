import type { Context, EncodedTokens, Tokens } from '@polymodal/core';
import { LayerNorm, maskedMean, TransformerLayer } from '@polymodal/nn';
import type { PatchEmbeddingsConfig } from '../../patch-embeddings';
import { VisionEncoder } from '../../vision-encoder';
import type { VisionTowerConfig } from '../vision-tower-config';
import { AttentionPooling } from './attention-pooling';

/** What a {@link SiglipVisionEncoder} is made from: the names of HF `SiglipVisionConfig`. */
export interface SiglipVisionEncoderConfig extends VisionTowerConfig, Pick<PatchEmbeddingsConfig, 'interpolation'> {
  /** Whether a picture's vector comes from attention to its patches, or is their mean. */
  readonly visionUseHead: boolean;
}

/**
 * The vision tower of SigLIP (Zhai et al. 2023; HF `SiglipVisionModel`): patches, pre-norm layers, a final norm, and pooling by
 * attention.
 */
export class SiglipVisionEncoder extends VisionEncoder {
  readonly norm: LayerNorm;
  readonly head: AttentionPooling | undefined;

  constructor(config: SiglipVisionEncoderConfig) {
    super(
      { ...config, useClassToken: false },
      Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config)),
    );
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.head = config.visionUseHead ? new AttentionPooling(config) : undefined;
  }

  finish({ tokens, mask, rows }: Tokens, context: Context): EncodedTokens {
    const normed = this.norm.forward(tokens);
    const pooled = this.head ? this.head.forward(normed, mask, context) : maskedMean(normed, mask);
    return { tokens: normed, mask, rows, pooled };
  }
}
