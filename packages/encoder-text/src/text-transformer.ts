import type { Context, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import {
  type AttentionState,
  dropout,
  Embedding,
  LayerNorm,
  type Past,
  positionsFromMask,
  runAttentionLayer,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  wholeSequence,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { checkLength } from './check-length';
import { type Pooling, poolTokens } from './pool-tokens';
import { SentenceEncoder } from './sentence/sentence-encoder';
import type { TextFeatures } from './text-features';

/** Everything that a {@link TextTransformer} is made from. */
export interface TextTransformerConfig extends TransformerConfig {
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly pooling: Pooling;
  /** Rate of dropout on what is embedded; `hiddenDropout` by default. */
  readonly embeddingDropout?: number;
  /** What a layer's attention logits are multiplied by; 1 / √(hiddenSize / numAttentionHeads) by default. */
  readonly attentionScale?: (layer: number) => number;
  /** Whether positions are places in the batch (`index`), or count the tokens of each text, padding left out. */
  readonly positions: 'index' | 'counted';
}

/**
 * Token and learned position embeddings, pre-norm Transformer layers that see the whole text, a final norm (the layout of a pre-norm
 * HF `BertModel`; of `SiglipTextModel` without its head). `CausalTextTransformer` lets a token see only those before it.
 */
export class TextTransformer extends SentenceEncoder<AttentionState> {
  readonly tokenEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly #config: TextTransformerConfig;

  constructor(config: TextTransformerConfig) {
    super();
    const { attentionScale } = config;
    this.#config = config;
    this.hiddenSize = config.hiddenSize;
    this.tokenEmbeddings = new Embedding(config.vocabSize, config.hiddenSize);
    this.positionEmbeddings = new Embedding(config.maxPositionEmbeddings, config.hiddenSize);
    this.layers = transformerLayers(config, attentionScale && ((layer) => ({ attentionScale: attentionScale(layer) })));
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  get maxPositionEmbeddings(): number {
    return this.positionEmbeddings.numEmbeddings;
  }

  /** @throws ShapeError for more tokens than there are positions */
  embed(batch: ModalityBatch<TextFeatures>, context: Context): Tokens<AttentionState> {
    return this.begin(this.words(batch), context, { positionIds: batch.features.positionIds });
  }

  /** @throws ShapeError for more tokens than there are positions */
  override adopt(sequence: Sequence, context: Context): Tokens<AttentionState> {
    return this.begin(sequence, context, {});
  }

  layer(index: number, tokens: Tokens<AttentionState>, context: Context): Tokens<AttentionState> {
    return runAttentionLayer(this.layers[index]!, index, tokens, context);
  }

  /** The embeddings of tokens, without positions. */
  words({ features, rows }: ModalityBatch<TextFeatures>): Sequence {
    const { mask } = features;
    const ids = zeroPadding(features.inputIds, mask); // (P, N)
    return { tokens: this.tokenEmbeddings.forward(ids), mask, rows }; // (P, N, D)
  }

  /** What comes before the layers: positions, dropout, and the state. */
  protected begin(sequence: Sequence, context: Context, { positionIds, past }: Places): Tokens<AttentionState> {
    const { mask, rows } = sequence;
    const length = mask.shape[1];
    if (!past) checkLength(length, this.maxPositionEmbeddings);
    const placed = tf.add<tf.Tensor3D>(sequence.tokens, this.#positions(mask, past ? past.positions : positionIds));
    const { embeddingDropout, hiddenDropout } = this.#config;
    const tokens = dropout(placed, embeddingDropout ?? hiddenDropout, context, this);
    return { tokens, mask, rows, state: this.stateOf(length, past) };
  }

  /** Which tokens see which. */
  protected stateOf(_length: number, _past: Past | undefined): AttentionState {
    return wholeSequence;
  }

  protected override finishTokens(tokens: tf.Tensor3D): tf.Tensor3D {
    return this.norm.forward(tokens);
  }

  protected override ownVectors({ tokens, mask }: Tokens<AttentionState>): tf.Tensor2D {
    return poolTokens(tokens, mask, this.#config.pooling);
  }

  /** (P, N, D), or (N, D) where they are the same for all texts. */
  #positions(mask: tf.Tensor2D, given: tf.Tensor2D | undefined): tf.Tensor {
    if (given) return this.positionEmbeddings.forward(zeroPadding(given, mask));
    if (this.#config.positions === 'counted') return this.positionEmbeddings.forward(positionsFromMask(mask));
    return this.positionEmbeddings.forward(tf.range(0, mask.shape[1], 1, 'int32')); // (N, D), also of the longest text one graph with shorter ones
  }
}

/** Where the tokens of a sequence stand: at given positions, or after those of a past. */
export interface Places {
  /** int32 (P, N) */
  readonly positionIds?: tf.Tensor2D | undefined;
  readonly past?: Past | undefined;
}
