import { type Context, type EncodedTokens, type ModalityBatch, type Tokens, withTokens } from '@polymodal/core';
import { LayerNorm, TransformerLayer } from '@polymodal/nn';
import { firstToken } from '../../first-token';
import { VisionEncoder, type VisionFeatures } from '../../vision-encoder';
import type { VisionTowerConfig } from '../vision-tower-config';

/** What a {@link ClipVisionEncoder} is made from. */
export type ClipVisionEncoderConfig = VisionTowerConfig;

/**
 * The vision tower of CLIP (Radford et al. 2021; HF `CLIPVisionModel`): a class token and patches, a norm before the layers,
 * pre-norm layers. A picture's vector is its class token after a norm that the tokens themselves do not get.
 */
export class ClipVisionEncoder extends VisionEncoder {
  readonly preNorm: LayerNorm;
  readonly postNorm: LayerNorm;

  constructor(config: ClipVisionEncoderConfig) {
    const { hiddenSize, layerNormEps } = config;
    super(
      { ...config, patchBias: false },
      Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config)),
    );
    this.preNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.postNorm = new LayerNorm(hiddenSize, layerNormEps);
  }

  override embed(batch: ModalityBatch<VisionFeatures>, context: Context): Tokens {
    const embedded = super.embed(batch, context);
    return withTokens(embedded, this.preNorm.forward(embedded.tokens));
  }

  override layerOf(path: string): number {
    return path.startsWith('postNorm.') ? this.depth + 1 : super.layerOf(path);
  }

  override lastLayerForPooled(tokens: Tokens, context: Context): Tokens | undefined {
    return this.lastLayerForFirst(tokens, context);
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    return { tokens, mask, rows, pooled: this.postNorm.forward(firstToken(tokens)) };
  }
}
