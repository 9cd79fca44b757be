import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { allTokens, LayerNorm, maskedMean, TransformerLayer } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { PatchEmbeddings } from '../patch-embeddings';
import type { VisionTowerConfig } from '../vision-tower-config';
import { AttentionPooling } from './attention-pooling';

/** What a {@link SiglipVisionEncoder} is made from: the names of HF `SiglipVisionConfig`. */
export interface SiglipVisionEncoderConfig extends VisionTowerConfig {
  /** Whether a picture's vector comes from attention to its patches, or is their mean. */
  readonly visionUseHead: boolean;
}

/**
 * The vision tower of SigLIP (Zhai et al. 2023; HF `SiglipVisionModel`): patches, pre-norm layers, a final norm, and pooling by
 * attention.
 *
 * Features: `pixelValues` (P, H, W, C). For pictures of another size than imageSize positions are interpolated.
 */
export class SiglipVisionEncoder extends Encoder {
  readonly embeddings: PatchEmbeddings;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly head: AttentionPooling | undefined;
  readonly hiddenSize: number;

  constructor(config: SiglipVisionEncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.embeddings = new PatchEmbeddings({ ...config, useClassToken: false });
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new TransformerLayer(config));
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.head = config.visionUseHead ? new AttentionPooling(config) : undefined;
  }

  get depth(): number {
    return this.layers.length;
  }

  embed({ features, rows }: ModalityBatch, context: Context): Tokens {
    return allTokens(this.embeddings.forward(features.pixelValues as tf.Tensor4D, context), rows);
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens, context: Context): EncodedTokens {
    const normed = this.norm.forward(tokens);
    const pooled = this.head ? this.head.forward(normed, mask, context) : maskedMean(normed, mask);
    return { tokens: normed, mask, rows, pooled };
  }
}
