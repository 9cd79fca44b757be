import { type Context, type ModalityBatch, type Tokens, withTokens } from '@polymodal/core';
import {
  type ActivationName,
  dropout,
  Embedding,
  type KeyValueCache,
  LayerNorm,
  TransformerLayer,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { causalBias } from '../../causal-bias';
import { CausalEncoder, type DecodedStep, type DecodingStep } from '../../generation/causal-encoder';
import { decodeLayers } from '../../generation/decode-layers';
import { poolTokens } from '../../pool-tokens';
import { checkLength } from '../check-length';
import { positionsFromMask } from '../positions-from-mask';

/** What a {@link Gpt2Encoder} is made from: what HF `GPT2Config` says, under the names of the other families. */
export interface Gpt2EncoderConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly embeddingDropout: number;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly maxPositionEmbeddings: number;
  readonly layerNormEps: number;
  /** Whether logits are divided by the root of a head's width. */
  readonly scaleAttnWeights: boolean;
  /** Whether those of layer i are divided by i + 1 too. */
  readonly scaleAttnByInverseLayerIdx: boolean;
}

/**
 * GPT-2 (Radford et al. 2019; HF `GPT2Model`): pre-norm Transformer layers, in which a token sees itself and those before it.
 *
 * Features: `inputIds` int32 (P, N), `mask` (P, N), and perhaps `positionIds` int32 (P, N), in place of those that count the
 * tokens of each text. The vector of a text is that of its last token.
 */
export class Gpt2Encoder extends CausalEncoder {
  readonly tokenEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly embeddingDropout: number;

  constructor(config: Gpt2EncoderConfig) {
    super();
    const { hiddenSize, numHiddenLayers, numAttentionHeads } = config;
    this.hiddenSize = hiddenSize;
    this.embeddingDropout = config.embeddingDropout;
    this.tokenEmbeddings = new Embedding(config.vocabSize, hiddenSize);
    this.positionEmbeddings = new Embedding(config.maxPositionEmbeddings, hiddenSize);
    const scale = config.scaleAttnWeights ? (hiddenSize / numAttentionHeads) ** -0.5 : 1;
    this.layers = Array.from({ length: numHiddenLayers }, (_, index) => {
      const attentionScale = config.scaleAttnByInverseLayerIdx ? scale / (index + 1) : scale;
      return new TransformerLayer({ ...config, attentionScale, normPosition: 'pre' });
    });
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  get maxPositionEmbeddings(): number {
    return this.positionEmbeddings.numEmbeddings;
  }

  get cacheHeads() {
    return this.layers[0]!.attention;
  }

  /** @throws ShapeError for more tokens than there are positions */
  embed({ features, rows }: ModalityBatch, context: Context): Tokens {
    const mask = features.mask as tf.Tensor2D;
    checkLength(mask.shape[1], this.positionEmbeddings.numEmbeddings);
    const ids = zeroPadding(features.inputIds as tf.Tensor2D, mask); // (P, N)
    const positions = zeroPadding((features.positionIds as tf.Tensor2D | undefined) ?? positionsFromMask(mask), mask);
    const sum = tf.add<tf.Tensor3D>(this.tokenEmbeddings.forward(ids), this.positionEmbeddings.forward(positions));
    return { tokens: dropout(sum, this.embeddingDropout, context, this), mask, rows }; // (P, N, D)
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const bias = causalBias(tokens.tokens.shape[1]);
    return withTokens(tokens, this.layers[index]!.forward(tokens.tokens, tokens.mask, context, bias));
  }

  protected override finishTokens(tokens: Tokens): Tokens {
    return withTokens(tokens, this.norm.forward(tokens.tokens));
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    return poolTokens(tokens, mask, 'last');
  }

  decode(step: DecodingStep, caches: readonly KeyValueCache[]): DecodedStep {
    const words = this.tokenEmbeddings.forward<tf.Tensor3D>(step.inputIds);
    const placed = tf.add<tf.Tensor3D>(words, this.positionEmbeddings.forward(step.positionIds));
    const places = { places: step.places, bias: step.biasOf(this.windowOf(0)) };
    const decoded = decodeLayers(this.layers, placed, caches, () => places);
    return { ...decoded, tokens: this.norm.forward(decoded.tokens) };
  }
}
