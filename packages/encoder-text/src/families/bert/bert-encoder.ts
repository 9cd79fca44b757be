import { type Context, type ModalityBatch, type Module, type Sequence, type Tokens, withTokens } from '@polymodal/core';
import {
  type ActivationName,
  dropout,
  Embedding,
  LayerNorm,
  Linear,
  TransformerLayer,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { checkLength } from '../../check-length';
import { poolTokens } from '../../pool-tokens';
import { SentenceEncoder } from '../../sentence/sentence-encoder';
import type { TextFeatures } from '../../text-features';

/** What a {@link BertEncoder} is made from: the names of HF `BertConfig`. */
export interface BertEncoderConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  /** Whether a text's vector is that of its first token through a layer of its own, or that token as it is. */
  readonly addPoolingLayer: boolean;
}

/** BERT (Devlin et al. 2019; HF `BertModel`): post-norm Transformer layers that see the whole text. */
export class BertEncoder extends SentenceEncoder {
  readonly wordEmbeddings: Embedding;
  readonly positionEmbeddings: Embedding;
  readonly tokenTypeEmbeddings: Embedding;
  readonly embeddingNorm: LayerNorm;
  readonly layers: readonly TransformerLayer[];
  readonly pooler: Linear | undefined;
  readonly hiddenSize: number;
  readonly hiddenDropout: number;

  constructor(config: BertEncoderConfig) {
    super();
    const { hiddenSize, layerNormEps } = config;
    this.hiddenSize = hiddenSize;
    this.hiddenDropout = config.hiddenDropoutProb;
    this.wordEmbeddings = new Embedding(config.vocabSize, hiddenSize);
    this.positionEmbeddings = new Embedding(config.maxPositionEmbeddings, hiddenSize);
    this.tokenTypeEmbeddings = new Embedding(config.typeVocabSize, hiddenSize);
    this.embeddingNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.layers = Array.from(
      { length: config.numHiddenLayers },
      () =>
        new TransformerLayer({
          hiddenSize,
          layerNormEps,
          numAttentionHeads: config.numAttentionHeads,
          intermediateSize: config.intermediateSize,
          hiddenAct: config.hiddenAct,
          hiddenDropout: config.hiddenDropoutProb,
          attentionDropout: config.attentionProbsDropoutProb,
          normPosition: 'post',
        }),
    );
    this.pooler = config.addPoolingLayer ? new Linear(hiddenSize, hiddenSize) : undefined;
  }

  get depth(): number {
    return this.layers.length;
  }

  /** Most tokens of a text. */
  get maxLength(): number {
    return this.positionEmbeddings.numEmbeddings;
  }

  /** @throws ShapeError for more tokens than there are positions */
  embed({ features, rows }: ModalityBatch<TextFeatures>, context: Context): Tokens {
    const { mask } = features;
    checkLength(mask.shape[1], this.maxLength);
    const ids = zeroPadding(features.inputIds, mask); // (P, N)
    const types = zeroPadding(features.tokenTypeIds ?? tf.zerosLike(ids), mask);
    const positions = features.positionIds ?? this.positionIds(mask, ids);
    const words = this.wordEmbeddings.forward<tf.Tensor3D>(ids); // (P, N, D)
    return this.#begin({ tokens: words, mask, rows }, types, zeroPadding(positions, mask), context);
  }

  /** @throws ShapeError for more tokens than there are positions */
  override adopt(sequence: Sequence, context: Context): Tokens {
    const { mask } = sequence;
    checkLength(mask.shape[1], this.maxLength);
    return this.#begin(
      sequence,
      tf.zerosLike(tf.cast(mask, 'int32')),
      zeroPadding(this.positionIds(mask), mask),
      context,
    );
  }

  #begin({ tokens, mask, rows }: Sequence, types: tf.Tensor2D, positions: tf.Tensor2D, context: Context): Tokens {
    const sum = tf.addN<tf.Tensor3D>([
      tokens,
      this.tokenTypeEmbeddings.forward<tf.Tensor3D>(types),
      this.positionEmbeddings.forward<tf.Tensor3D>(positions),
    ]);
    return { tokens: dropout(this.embeddingNorm.forward(sum), this.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  override lastLayerForPooled(sequence: Tokens, context: Context): Tokens | undefined {
    if (!this.poolsFirst) return undefined;
    const { tokens, mask } = sequence;
    const first = tf.expandDims<tf.Tensor3D>(poolTokens(tokens, mask, 'cls'), 1);
    const last = this.layers[this.depth - 1].forwardOf(first, tokens, mask, context);
    return { ...sequence, tokens: last, mask: tf.max(mask, 1, true) };
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    const first = poolTokens(tokens, mask, 'cls');
    return this.pooler ? tf.tanh(this.pooler.forward(first)) : first;
  }

  protected override get ownPooler(): Module | undefined {
    return this.pooler;
  }

  /**
   * Places of the tokens, int32 (P, N): their index. Padding before a text counts, as in Python.
   *
   * @param _ids where the tokens are this encoder's own
   */
  protected positionIds(mask: tf.Tensor2D, _ids?: tf.Tensor2D): tf.Tensor2D {
    const [batch, length] = mask.shape;
    return tf.tile(tf.reshape(tf.range(0, length, 1, 'int32'), [1, length]) as tf.Tensor2D, [batch, 1]);
  }
}
