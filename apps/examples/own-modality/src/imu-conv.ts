import {
  ConfigError,
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  Conv1d,
  dropout,
  gelu,
  LayerNorm,
  maskedMean,
  resolveTransformerConfig,
  sinusoidalPositions,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type ImuFeatures, type ImuRow, imuProcessor } from './imu-processor.js';

const imuConvOptions = z.object({
  /** Width of the tokens; that of the model if left out. Even. */
  hiddenSize: z.int().positive().optional(),
  ...transformerOptions,
  numHiddenLayers: transformerOptions.numHiddenLayers.default(1),
  /** Readings from one token to the next. */
  stride: z.int().positive().default(4),
  /** Readings on either side of its centre that a token sees. */
  reach: z.int().nonnegative().default(4),
});

/** Everything that an {@link ImuConv} is made from. */
export interface ImuConvConfig extends TransformerConfig {
  readonly channels: number;
  readonly stride: number;
  readonly reach: number;
}

/** A convolution along time that makes a token of every few readings, and pre-norm Transformer layers over the tokens. */
export class ImuConv extends Encoder {
  readonly stem: Conv1d;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly hiddenDropout: number;
  readonly stride: number;

  constructor(config: ImuConvConfig) {
    super();
    const { channels, hiddenSize, stride, reach } = config;
    this.hiddenSize = hiddenSize;
    this.hiddenDropout = config.hiddenDropout;
    this.stride = stride;
    this.stem = new Conv1d({
      inChannels: channels,
      outChannels: hiddenSize,
      kernelSize: 2 * reach + 1,
      stride,
      padding: reach,
    });
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  /** Of a recording, whose features are not padded yet. */
  override tokenCount({ readings }: ImuRow): number {
    return this.stem.outputLength(readings.shape[0]);
  }

  embed({ features, rows }: ModalityBatch<ImuFeatures>, context: Context): Tokens {
    const { mask } = features; // (P, T)
    const readings = zeroPadding(features.readings, mask); // (P, T, C), before any weight meets them
    const tokens = gelu(this.stem.forward(readings)) as tf.Tensor3D; // (P, N, D)
    return this.adopt({ tokens, mask: this.#tokenMask(mask), rows }, context);
  }

  override adopt({ tokens, mask, rows }: Sequence, context: Context): Tokens {
    const placed = tf.add<tf.Tensor3D>(tokens, sinusoidalPositions(tokens.shape[1], this.hiddenSize));
    return { tokens: dropout(placed, this.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index]!.forward(tokens.tokens, tokens.mask, context));
  }

  finish(tokens: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens.tokens);
    return { ...tokens, tokens: normed, pooled: maskedMean(normed, tokens.mask) };
  }

  /** Token j is centred on reading j · stride, and takes part if that does: (P, T) to (P, N). */
  #tokenMask(mask: tf.Tensor2D): tf.Tensor2D {
    const centres = Array.from({ length: this.stem.outputLength(mask.shape[1]) }, (_, token) => token * this.stride);
    return tf.gather(mask, tf.tensor1d(centres, 'int32'), 1);
  }
}

/** The encoder `imu-conv`. */
export const imuConv = defineEncoder({
  name: 'imu-conv',
  modality: 'imu',
  processor: imuProcessor,
  config: imuConvOptions,
  create: (config, { hiddenSize, processor, slot }) =>
    new ImuConv({
      ...resolveTransformerConfig(config, evenSize(config.hiddenSize ?? hiddenSize, slot)),
      channels: processor.channels,
      stride: config.stride,
      reach: config.reach,
    }),
});

/** Sinusoidal positions come in pairs of sine and cosine. */
function evenSize(hiddenSize: number, slot: string): number {
  if (hiddenSize % 2 === 0) return hiddenSize;
  throw new ConfigError({
    where: `encoders.${slot}.hiddenSize`,
    expected: 'an even number',
    received: String(hiddenSize),
    hint: "It is the model's where the encoder does not state its own.",
  });
}
