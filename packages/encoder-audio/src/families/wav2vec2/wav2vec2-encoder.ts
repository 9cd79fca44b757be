import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { type ActivationName, dropout, LayerNorm, maskedMean, TransformerLayer, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Wav2Vec2Features, Wav2Vec2Row } from '../../preprocessing/wav2vec2-feature-extractor';
import { layerDrop } from '../layer-drop';
import { SpecAugment, type SpecAugmentConfig } from '../spec-augment';
import { AttentionAdapter } from './attention-adapter';
import { ConvolutionalAdapter, type ConvolutionalAdapterConfig } from './convolutional-adapter';
import { ConvolutionalPositions, type ConvolutionalPositionsConfig } from './convolutional-positions';
import { FeatureEncoder, type FeatureEncoderConfig } from './feature-encoder';
import { FeatureProjection, type FeatureProjectionConfig } from './feature-projection';

/** What a {@link Wav2Vec2Encoder} is made from: the names of HF `Wav2Vec2Config` and `HubertConfig`. */
export interface Wav2Vec2EncoderConfig
  extends FeatureEncoderConfig,
    Omit<FeatureProjectionConfig, 'inChannels'>,
    SpecAugmentConfig,
    ConvolutionalPositionsConfig,
    ConvolutionalAdapterConfig {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly hiddenDropout: number;
  readonly activationDropout: number;
  readonly attentionDropout: number;
  /** Rate at which layers are left out in training. */
  readonly layerdrop: number;
  /** Whether the layers are pre-norm, with a norm at the end rather than before them. */
  readonly doStableLayerNorm: boolean;
  readonly addAdapter: boolean;
  /** Width of the adapters of one language in pre-norm layers; none where it is missing. */
  readonly adapterAttnDim?: number | null | undefined;
  /** Samples a second of what it hears. */
  readonly samplingRate: number;
}

/**
 * wav2vec 2.0 (Baevski et al. 2020; HF `Wav2Vec2Model`) and HuBERT (Hsu et al. 2021; HF `HubertModel`), which differ in what
 * they are trained for: sound, through convolutions, to the tokens of a Transformer. The vector of a recording is the mean of
 * its tokens.
 */
export class Wav2Vec2Encoder extends Encoder {
  readonly featureEncoder: FeatureEncoder;
  readonly featureProjection: FeatureProjection;
  readonly specAugment: SpecAugment;
  readonly positions: ConvolutionalPositions;
  readonly layers: readonly TransformerLayer[];
  readonly attentionAdapters: readonly AttentionAdapter[];
  readonly norm: LayerNorm;
  readonly adapter: ConvolutionalAdapter | undefined;
  /** Of the tokens at the end, which an adapter may give another width. */
  readonly hiddenSize: number;
  override readonly tokenSeconds: number;
  readonly #config: Wav2Vec2EncoderConfig;

  constructor(config: Wav2Vec2EncoderConfig) {
    super();
    const { hiddenSize, doStableLayerNorm, adapterAttnDim } = config;
    this.#config = config;
    this.hiddenSize = config.addAdapter ? config.outputHiddenSize : hiddenSize;
    const strides = [
      ...config.convStride,
      ...(config.addAdapter ? Array.from({ length: config.numAdapterLayers }, () => config.adapterStride) : []),
    ];
    this.tokenSeconds = strides.reduce((product, stride) => product * stride, 1) / config.samplingRate;
    this.featureEncoder = new FeatureEncoder(config);
    this.featureProjection = new FeatureProjection({ ...config, inChannels: config.convDim.at(-1)! });
    this.specAugment = new SpecAugment(config);
    this.positions = new ConvolutionalPositions(config);
    const normPosition = doStableLayerNorm ? 'pre' : 'post';
    const each = Array.from({ length: config.numHiddenLayers });
    this.layers = each.map(() => new TransformerLayer({ ...config, normPosition }));
    this.attentionAdapters =
      doStableLayerNorm && adapterAttnDim ? each.map(() => new AttentionAdapter(hiddenSize, adapterAttnDim)) : [];
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.adapter = config.addAdapter ? new ConvolutionalAdapter(config) : undefined;
  }

  get depth(): number {
    return this.layers.length;
  }

  /** That of the layers, up to an adapter. */
  override widthAt(_index: number): number {
    return this.#config.hiddenSize;
  }

  override tokenCount({ inputValues }: Wav2Vec2Row, layer?: number): number {
    const frames = this.featureEncoder.frameCount(inputValues.shape[0]);
    return layer === undefined && this.adapter ? this.adapter.tokenCount(frames) : frames;
  }

  /** @throws ShapeError for recordings shorter than a frame */
  embed({ features, rows }: ModalityBatch<Wav2Vec2Features>, context: Context): Tokens {
    const { inputValues } = features;
    const sampleMask = features.mask ?? tf.onesLike(inputValues);
    const { frames, mask } = this.featureEncoder.forward(zeroPadding(inputValues, sampleMask), sampleMask);
    const projected = this.featureProjection.forward(frames, context); // (P, N, D)
    const augmented = this.specAugment.forward(projected, context, features.maskedFrames);
    return this.adopt({ tokens: augmented, mask, rows }, context);
  }

  override adopt({ tokens, mask, rows }: Sequence, context: Context): Tokens {
    const clean = zeroPadding(tokens, mask);
    const placed = tf.add<tf.Tensor3D>(clean, this.positions.forward(clean, mask));
    const normed = this.#config.doStableLayerNorm ? placed : this.norm.forward(placed);
    return { tokens: dropout(normed, this.#config.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const adapter = this.attentionAdapters[index];
    const output = layerDrop(tokens.tokens, this.#config.layerdrop, context, this, (x) => {
      const transformed = this.layers[index].forward(x, tokens.mask, context);
      return adapter ? adapter.forward(transformed) : transformed;
    });
    return withTokens(tokens, output);
  }

  override layerOf(path: string): number {
    if (path.startsWith('adapter.')) return this.depth + 1;
    return path.startsWith('norm.') && !this.#config.doStableLayerNorm ? 0 : super.layerOf(path);
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.#config.doStableLayerNorm ? this.norm.forward(tokens) : tokens;
    const adapted = this.adapter?.forward(normed, mask) ?? { tokens: normed, mask };
    return { ...adapted, rows, pooled: maskedMean(adapted.tokens, adapted.mask) };
  }
}
