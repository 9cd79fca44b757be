import type { Context, EncodedTokens, Tokens } from '@polymodal/core';
import { LayerNorm } from '@polymodal/nn';
import { firstToken } from '../../first-token';
import type { PatchEmbeddingsConfig } from '../../patch-embeddings';
import { VisionEncoder } from '../../vision-encoder';
import { Dinov2Layer, type Dinov2LayerConfig } from './dinov2-layer';

/** What a {@link Dinov2Encoder} is made from: the names of HF `Dinov2Config` and `Dinov2WithRegistersConfig`. */
export interface Dinov2EncoderConfig
  extends Dinov2LayerConfig,
    Pick<PatchEmbeddingsConfig, 'imageSize' | 'patchSize' | 'numChannels' | 'interpolation'> {
  readonly numHiddenLayers: number;
  readonly hiddenDropoutProb: number;
  readonly useMaskToken: boolean;
  readonly numRegisterTokens: number;
}

/**
 * DINOv2 (Oquab et al. 2023; HF `Dinov2Model`), with registers or without (Darcet et al. 2023; HF
 * `Dinov2WithRegistersModel`). Tokens: the class, the registers, the patches row by row; the class token is the picture's vector.
 */
export class Dinov2Encoder extends VisionEncoder {
  readonly norm: LayerNorm;

  constructor(config: Dinov2EncoderConfig) {
    super(
      { ...config, hiddenDropout: config.hiddenDropoutProb },
      Array.from({ length: config.numHiddenLayers }, () => new Dinov2Layer(config)),
    );
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  override lastLayerForPooled(tokens: Tokens, context: Context): Tokens | undefined {
    return this.lastLayerForFirst(tokens, context);
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: firstToken(normed) };
  }
}
