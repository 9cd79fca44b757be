import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  type Activation,
  type ActivationName,
  activation,
  allTokens,
  LayerNorm,
  Linear,
  type PerAxis,
  TransformerLayer,
} from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { firstToken } from '../first-token';
import { PatchEmbeddings } from '../patch-embeddings';

/** What a {@link VitEncoder} is made from: the names of HF `ViTConfig`. */
export interface VitEncoderConfig {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  readonly layerNormEps: number;
  readonly imageSize: PerAxis;
  readonly patchSize: PerAxis;
  readonly numChannels: number;
  /** Whether the projections to queries, keys and values have a bias. */
  readonly qkvBias: boolean;
  readonly poolerAct: ActivationName;
  /** Whether a picture's vector is that of the class token through a layer of its own, or that token as it is. */
  readonly addPoolingLayer: boolean;
}

/**
 * Vision Transformer (Dosovitskiy et al. 2020; HF `ViTModel`): a class token and patches, pre-norm layers, a final norm.
 *
 * Features: `pixelValues` (P, H, W, C). For pictures of another size than imageSize positions are interpolated.
 */
export class VitEncoder extends Encoder {
  readonly embeddings: PatchEmbeddings;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly pooler: Linear | undefined;
  readonly hiddenSize: number;
  readonly #poolerAct: Activation;

  constructor(config: VitEncoderConfig) {
    super();
    const { hiddenSize, layerNormEps, qkvBias } = config;
    this.hiddenSize = hiddenSize;
    this.embeddings = new PatchEmbeddings({ ...config, hiddenDropout: config.hiddenDropoutProb });
    this.layers = Array.from(
      { length: config.numHiddenLayers },
      () =>
        new TransformerLayer({
          hiddenSize,
          layerNormEps,
          numAttentionHeads: config.numAttentionHeads,
          projectionBias: { query: qkvBias, key: qkvBias, value: qkvBias },
          intermediateSize: config.intermediateSize,
          hiddenAct: config.hiddenAct,
          hiddenDropout: config.hiddenDropoutProb,
          attentionDropout: config.attentionProbsDropoutProb,
        }),
    );
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.pooler = config.addPoolingLayer ? new Linear(hiddenSize, hiddenSize) : undefined;
    this.#poolerAct = activation(config.poolerAct);
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

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    const first = firstToken(normed);
    const pooled = this.pooler ? this.#poolerAct(this.pooler.forward(first)) : first;
    return { tokens: normed, mask, rows, pooled };
  }
}
