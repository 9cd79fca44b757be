import {
  ConfigError,
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  Parameter,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  dropout,
  LayerNorm,
  maskedMean,
  repeatRows,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  truncatedNormal,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { PatchEmbedding } from './patch-embedding';

/** Sizes of a {@link VisionTransformer}. */
export interface VisionTransformerConfig extends TransformerConfig {
  readonly imageSize: readonly [height: number, width: number];
  readonly channels: number;
  readonly patchSize: number;
  /** `cls`: the class token. `mean`: the mean of the patches. */
  readonly pooling: 'cls' | 'mean';
}

/**
 * Vision Transformer (Dosovitskiy et al. 2020; `ViTModel` without its pooler): patches and a class token, learned
 * positions, pre-norm layers, a final norm.
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
 *
 * @throws ConfigError if the picture's sides are not multiples of the patch size
 */
export class VisionTransformer extends Encoder {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly patchEmbedding: PatchEmbedding;
  /** (1, 1, D) */
  readonly classToken: Parameter<tf.Rank.R3>;
  /** (1, N, D) */
  readonly positionEmbeddings: Parameter<tf.Rank.R3>;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly #hiddenDropout: number;
  readonly #pooling: 'cls' | 'mean';

  constructor(config: VisionTransformerConfig) {
    super();
    const { hiddenSize, patchSize, channels, imageSize } = config;
    if (imageSize.some((side) => side % patchSize !== 0)) {
      throw new ConfigError({
        where: 'patchSize',
        expected: `a size that divides the picture's ${imageSize.join(' × ')} pixels`,
        received: String(patchSize),
      });
    }
    const numPatches = (imageSize[0] / patchSize) * (imageSize[1] / patchSize);
    this.hiddenSize = hiddenSize;
    this.depth = config.numHiddenLayers;
    this.patchEmbedding = new PatchEmbedding(channels, patchSize, hiddenSize);
    this.classToken = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.positionEmbeddings = new Parameter([1, 1 + numPatches, hiddenSize], truncatedNormal(0.02));
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.#hiddenDropout = config.hiddenDropout;
    this.#pooling = config.pooling;
  }

  /** @param batch with `pixelValues` (P, H, W, C) */
  embed(batch: ModalityBatch, context: Context): Tokens {
    const patches = this.patchEmbedding.forward(batch.features.pixelValues as tf.Tensor4D); // (P, N − 1, D)
    const [size, numPatches] = patches.shape;
    const classTokens = repeatRows(this.classToken.value, size);
    const tokens = tf.add(tf.concat([classTokens, patches], 1), this.positionEmbeddings.value);
    return {
      tokens: dropout(tokens as tf.Tensor3D, this.#hiddenDropout, context, this),
      mask: tf.ones([size, 1 + numPatches]),
      rows: batch.rows,
    };
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: this.#pool(normed, mask) };
  }

  #pool(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
    const [size, length, hiddenSize] = tokens.shape;
    if (this.#pooling === 'mean') {
      const patches = tf.slice(tokens, [0, 1, 0], [size, length - 1, hiddenSize]);
      return maskedMean(patches, tf.slice(mask, [0, 1], [size, length - 1]));
    }
    return tf.reshape(tf.slice(tokens, [0, 0, 0], [size, 1, hiddenSize]), [size, hiddenSize]);
  }
}
