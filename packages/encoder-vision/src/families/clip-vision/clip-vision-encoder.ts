import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { allTokens, LayerNorm, TransformerLayer } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { firstToken } from '../first-token';
import { PatchEmbeddings } from '../patch-embeddings';
import type { VisionTowerConfig } from '../vision-tower-config';

/** What a {@link ClipVisionEncoder} is made from. */
export type ClipVisionEncoderConfig = VisionTowerConfig;

/**
 * The vision tower of CLIP (Radford et al. 2021; HF `CLIPVisionModel`): a class token and patches, a norm before the layers,
 * pre-norm layers. A picture's vector is its class token after a norm that the tokens themselves do not get.
 *
 * Features: `pixelValues` (P, H, W, C). For pictures of another size than imageSize positions are interpolated.
 */
export class ClipVisionEncoder extends Encoder {
  readonly embeddings: PatchEmbeddings;
  readonly preNorm: LayerNorm;
  readonly layers: readonly TransformerLayer[];
  readonly postNorm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: ClipVisionEncoderConfig) {
    super();
    const { hiddenSize, layerNormEps } = config;
    this.hiddenSize = hiddenSize;
    this.embeddings = new PatchEmbeddings({ ...config, bias: false });
    this.preNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config));
    this.postNorm = new LayerNorm(hiddenSize, layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  embed({ features, rows }: ModalityBatch, context: Context): Tokens {
    const embedded = this.embeddings.forward(features.pixelValues as tf.Tensor4D, context);
    return allTokens(this.preNorm.forward(embedded), rows);
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    return { tokens, mask, rows, pooled: this.postNorm.forward(firstToken(tokens)) };
  }
}
