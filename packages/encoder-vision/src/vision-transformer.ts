import type { Context, EncodedTokens, Tokens } from '@polymodal/core';
import {
  type Activation,
  type ActivationName,
  activation,
  LayerNorm,
  Linear,
  maskedMean,
  type TransformerConfig,
  type TransformerLayerConfig,
  transformerLayers,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { firstToken } from './first-token';
import type { PatchEmbeddingsConfig } from './patch-embeddings';
import { VisionEncoder } from './vision-encoder';

/** Sizes of a {@link VisionTransformer}. */
export interface VisionTransformerConfig
  extends TransformerConfig,
    Pick<TransformerLayerConfig, 'projectionBias'>,
    Pick<PatchEmbeddingsConfig, 'imageSize' | 'patchSize' | 'numChannels'> {
  /** `cls`: the class token. `pooler`: that token through a layer of its own. `mean`: the mean of the patches. */
  readonly pooling: 'cls' | 'pooler' | 'mean';
  /** Of that layer; tanh by default. */
  readonly poolerAct?: ActivationName;
}

/**
 * Vision Transformer (Dosovitskiy et al. 2020; HF `ViTModel`): a class token and patches with learned positions, pre-norm
 * layers, a final norm.
 *
 * Tokens are the class token, then the patches row by row: N = 1 + H/p · W/p.
 *
 * ```ts
 * const config = defineConfig(createRegistry([vision, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8, numHiddenLayers: 2 } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class VisionTransformer extends VisionEncoder {
  readonly norm: LayerNorm;
  readonly pooler: Linear | undefined;
  readonly #pooling: VisionTransformerConfig['pooling'];
  readonly #poolerAct: Activation;

  constructor(config: VisionTransformerConfig) {
    super(config, transformerLayers(config));
    const { hiddenSize, layerNormEps, pooling, poolerAct = 'tanh' } = config;
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.pooler = pooling === 'pooler' ? new Linear(hiddenSize, hiddenSize) : undefined;
    this.#pooling = pooling;
    this.#poolerAct = activation(poolerAct);
  }

  override lastLayerForPooled(tokens: Tokens, context: Context): Tokens | undefined {
    return this.#pooling === 'mean' ? undefined : this.lastLayerForFirst(tokens, context);
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: this.#pool(normed, mask) };
  }

  #pool(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
    if (this.#pooling === 'mean') return meanOfPatches(tokens, mask);
    const first = firstToken(tokens);
    return this.pooler ? this.#poolerAct(this.pooler.forward(first)) : first;
  }
}

function meanOfPatches(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  return maskedMean(tf.slice(tokens, [0, 1, 0], [-1, -1, -1]), tf.slice(mask, [0, 1], [-1, -1]));
}
