import type { Context, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import {
  type AttentionState,
  dropout,
  Embedding,
  EVERYTHING,
  RelativePositionBias,
  RmsNorm,
  runAttentionLayer,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { poolTokens } from '../../pool-tokens';
import { SentenceEncoder } from '../../sentence/sentence-encoder';
import type { TextFeatures } from '../../text-features';
import { T5Layer, type T5LayerConfig } from './t5-layer';

/** What a {@link T5Encoder} is made from. */
export interface T5EncoderConfig extends T5LayerConfig {
  readonly vocabSize: number;
  readonly numHiddenLayers: number;
  readonly numBuckets: number;
  readonly maxDistance: number;
}

/**
 * The encoder of T5 (Raffel et al. 2020; HF `T5EncoderModel`): tokens see all others, by how far these are. The vector of a text is the mean of
 * its tokens, as in Sentence-T5.
 *
 * In training what is behind the final norm is not dropped here, as in Python, but by the decoder that looks at it.
 */
export class T5Encoder extends SentenceEncoder<AttentionState> {
  readonly tokenEmbeddings: Embedding;
  readonly positionBias: RelativePositionBias;
  readonly layers: readonly T5Layer[];
  readonly norm: RmsNorm;
  readonly hiddenSize: number;
  readonly #dropout: number;

  constructor(config: T5EncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.#dropout = config.dropout;
    this.tokenEmbeddings = new Embedding(config.vocabSize, config.hiddenSize);
    this.positionBias = new RelativePositionBias({ ...config, bidirectional: true });
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new T5Layer(config));
    this.norm = new RmsNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  embed({ features: { inputIds, mask }, rows }: ModalityBatch<TextFeatures>, context: Context): Tokens<AttentionState> {
    const tokens = this.tokenEmbeddings.forward<tf.Tensor3D>(zeroPadding(inputIds, mask)); // (P, N, D)
    return this.adopt({ tokens, mask, rows }, context);
  }

  override adopt({ tokens, mask, rows }: Sequence, context: Context): Tokens<AttentionState> {
    const length = mask.shape[1];
    const places = tf.reshape<tf.Rank.R2>(tf.range(0, length, 1, 'int32'), [1, length]);
    const biases = new Map([[EVERYTHING, this.positionBias.forward(places, places)]]);
    return { tokens: dropout(tokens, this.#dropout, context, this), mask, rows, state: { biases } };
  }

  layer(index: number, tokens: Tokens<AttentionState>, context: Context): Tokens<AttentionState> {
    return runAttentionLayer(this.layers[index], index, tokens, context);
  }

  protected override finishTokens(tokens: tf.Tensor3D): tf.Tensor3D {
    return this.norm.forward(tokens);
  }

  protected override ownVectors({ tokens, mask }: Tokens): tf.Tensor2D {
    return poolTokens(tokens, mask, 'mean');
  }
}
