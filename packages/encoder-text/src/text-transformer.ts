import {
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  Parameter,
  ShapeError,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  dropout,
  Embedding,
  LayerNorm,
  resolveTransformerConfig,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { causalBias } from './causal-bias';
import { type Pooling, poolTokens } from './pool-tokens';
import { textProcessor } from './text-processor';

const textTransformerOptions = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  ...transformerOptions,
  /** What represents the whole text: see {@link Pooling}. */
  pooling: z.enum(['mean', 'cls', 'last']).default('mean'),
  /** Whether a token attends to itself and those before it only, as in a language model. */
  causal: z.boolean().default(false),
});

/** Everything that a {@link TextTransformer} is made from. */
export interface TextTransformerConfig extends TransformerConfig {
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly pooling: Pooling;
  readonly causal: boolean;
}

/**
 * Token and learned position embeddings, pre-norm Transformer layers, a final norm (the layout of HF `GPT2Model` with
 * `causal`, of a pre-norm `BertModel` without).
 *
 * Features: `inputIds` int32 (P, N), `mask` (P, N).
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { note: { use: 'transformer', maxLength: 128, numHiddenLayers: 2 } },
 *   fusion: { use: 'mean' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class TextTransformer extends Encoder {
  readonly tokenEmbedding: Embedding;
  /** [maxPositionEmbeddings, hiddenSize] */
  readonly positionEmbedding: Parameter<tf.Rank.R2>;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly #config: TextTransformerConfig;

  constructor(config: TextTransformerConfig) {
    super();
    this.#config = config;
    this.hiddenSize = config.hiddenSize;
    this.tokenEmbedding = new Embedding(config.vocabSize, config.hiddenSize);
    this.positionEmbedding = new Parameter([config.maxPositionEmbeddings, config.hiddenSize], truncatedNormal());
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  /** @throws ShapeError for more tokens than there are positions */
  embed({ features, rows }: ModalityBatch, context: Context): Tokens {
    const mask = features.mask as tf.Tensor2D;
    const ids = zeroPadding(features.inputIds as tf.Tensor2D, mask); // (P, N)
    const tokens = tf.add<tf.Tensor3D>(this.tokenEmbedding.forward(ids), this.#positions(ids.shape[1])); // (P, N, D)
    return { tokens: dropout(tokens, this.#config.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const bias = this.#config.causal ? causalBias(tokens.tokens.shape[1]) : undefined;
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context, bias));
  }

  finish(tokens: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens.tokens);
    return { ...tokens, tokens: normed, pooled: poolTokens(normed, tokens.mask, this.#config.pooling) };
  }

  /** (N, D) */
  #positions(length: number): tf.Tensor2D {
    const { maxPositionEmbeddings } = this.#config;
    if (length > maxPositionEmbeddings) {
      throw new ShapeError({
        where: 'inputIds',
        expected: `at most ${maxPositionEmbeddings} tokens`,
        received: `${length}`,
        hint: 'Collate with the processor of this encoder, or raise maxLength.',
      });
    }
    return tf.slice(this.positionEmbedding.value as tf.Tensor2D, [0, 0], [length, this.hiddenSize]);
  }
}

/** The encoder `transformer`: tokens through a Transformer. */
export const textTransformer = defineEncoder({
  name: 'transformer',
  modality: 'text',
  processor: textProcessor,
  config: textTransformerOptions,
  create: (config, { hiddenSize, processor }) =>
    new TextTransformer({
      ...resolveTransformerConfig(config, config.hiddenSize ?? hiddenSize),
      vocabSize: processor.vocabSize,
      maxPositionEmbeddings: processor.maxLength,
      pooling: config.pooling,
      causal: config.causal,
    }),
});
