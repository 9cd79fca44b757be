import type { Context, EncodedTokens, Tokens } from '@polymodal/core';
import { LayerNorm, TransformerLayer } from '@polymodal/nn';
import { firstToken } from '../../first-token';
import type { PatchEmbeddingsConfig } from '../../patch-embeddings';
import { VisionEncoder } from '../../vision-encoder';
import type { VisionTowerConfig } from '../vision-tower-config';

/** What a {@link BlipVisionEncoder} is made from: the names of HF `BlipVisionConfig`. */
export interface BlipVisionEncoderConfig extends VisionTowerConfig, Pick<PatchEmbeddingsConfig, 'interpolation'> {}

/**
 * The vision tower of BLIP (Li et al. 2022; HF `BlipVisionModel`): a class token and patches, pre-norm layers, a final norm. A picture's
 * vector is its class token after that norm, applied once more.
 */
export class BlipVisionEncoder extends VisionEncoder {
  readonly norm: LayerNorm;

  constructor(config: BlipVisionEncoderConfig) {
    super(
      config,
      Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config)),
    );
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  override lastLayerForPooled(tokens: Tokens, context: Context): Tokens | undefined {
    return this.lastLayerForFirst(tokens, context);
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: this.norm.forward(firstToken(normed)) };
  }
}
