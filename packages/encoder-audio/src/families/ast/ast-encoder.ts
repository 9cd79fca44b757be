import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { type ActivationName, LayerNorm, maskedMean, TransformerLayer } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { AstFeatures } from '../../preprocessing/ast-feature-extractor';
import { SpectrogramEmbeddings, type SpectrogramEmbeddingsConfig } from './spectrogram-embeddings';

/** What an {@link AstEncoder} is made from: the names of HF `ASTConfig`. */
export interface AstEncoderConfig extends SpectrogramEmbeddingsConfig {
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly attentionProbsDropoutProb: number;
  readonly layerNormEps: number;
  /** Whether the projections to queries, keys and values have a bias. */
  readonly qkvBias: boolean;
}

/**
 * The Audio Spectrogram Transformer (Gong et al. 2021; HF `ASTModel`). It hears recordings of one length: what follows a
 * shorter one is silence, which is no padding, and takes part. The vector of a recording is the mean of the class and the
 * distillation token.
 */
export class AstEncoder extends Encoder {
  readonly embeddings: SpectrogramEmbeddings;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: AstEncoderConfig) {
    super();
    const { hiddenSize, qkvBias } = config;
    this.hiddenSize = hiddenSize;
    this.embeddings = new SpectrogramEmbeddings(config);
    this.layers = Array.from(
      { length: config.numHiddenLayers },
      () =>
        new TransformerLayer({
          hiddenSize,
          numAttentionHeads: config.numAttentionHeads,
          intermediateSize: config.intermediateSize,
          hiddenAct: config.hiddenAct,
          hiddenDropout: config.hiddenDropoutProb,
          attentionDropout: config.attentionProbsDropoutProb,
          layerNormEps: config.layerNormEps,
          projectionBias: { query: qkvBias, key: qkvBias, value: qkvBias },
          normPosition: 'pre',
        }),
    );
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount(): number {
    return this.embeddings.positions.shape[0];
  }

  override usualTokenCount(): number {
    return this.tokenCount();
  }

  /** @throws ShapeError for recordings that were not filled up to the one length */
  embed({ features, rows }: ModalityBatch<AstFeatures>, context: Context): Tokens {
    const tokens = this.embeddings.forward(features.inputFeatures, context);
    return { tokens, mask: tf.ones([tokens.shape[0], tokens.shape[1]]), rows };
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    const [size, length] = normed.shape;
    const count = Math.min(2, length);
    const firstTwo = tf.slice(normed, [0, 0, 0], [size, count, this.hiddenSize]);
    return { tokens: normed, mask, rows, pooled: maskedMean(firstTwo, tf.slice(mask, [0, 0], [size, count])) };
  }
}
