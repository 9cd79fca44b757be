import {
  type Context,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { allTokens, LayerNorm, type PerAxis } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { firstToken } from '../first-token';
import type { PositionInterpolation } from '../interpolate-positions';
import { PatchEmbeddings } from '../patch-embeddings';
import { Dinov2Layer, type Dinov2LayerConfig } from './dinov2-layer';

/** What a {@link Dinov2Encoder} is made from: the names of HF `Dinov2Config` and `Dinov2WithRegistersConfig`. */
export interface Dinov2EncoderConfig extends Dinov2LayerConfig {
  readonly numHiddenLayers: number;
  readonly hiddenDropoutProb: number;
  readonly imageSize: PerAxis;
  readonly patchSize: PerAxis;
  readonly numChannels: number;
  readonly useMaskToken: boolean;
  readonly numRegisterTokens: number;
  readonly interpolation: PositionInterpolation;
}

/**
 * DINOv2 (Oquab et al. 2023; HF `Dinov2Model`), with registers or without (Darcet et al. 2023; HF
 * `Dinov2WithRegistersModel`). Tokens: the class, the registers, the patches row by row; the class token is the picture's vector.
 *
 * Features: `pixelValues` (P, H, W, C), of any size; `maskedPatches` (P, rows · columns) of 0 and 1 for masked image modelling.
 */
export class Dinov2Encoder extends Encoder {
  readonly embeddings: PatchEmbeddings;
  readonly layers: readonly Dinov2Layer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: Dinov2EncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.embeddings = new PatchEmbeddings({ ...config, hiddenDropout: config.hiddenDropoutProb });
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new Dinov2Layer(config));
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  embed({ features, rows }: ModalityBatch, context: Context): Tokens {
    const { pixelValues, maskedPatches } = features;
    return allTokens(
      this.embeddings.forward(pixelValues as tf.Tensor4D, context, maskedPatches as tf.Tensor2D | undefined),
      rows,
    );
  }

  override adopt(sequence: Sequence): Tokens {
    return sequence;
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: firstToken(normed) };
  }
}
