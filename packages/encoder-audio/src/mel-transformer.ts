import {
  ConfigError,
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type Sequence,
  type Tokens,
  type ValueBlocks,
  withTokens,
} from '@polymodal/core';
import {
  dropout,
  LayerNorm,
  maskedMean,
  resolveTransformerConfig,
  sinusoidalPositions,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type AudioFeatures, type AudioRow, audioProcessor } from './audio-processor';
import { ConvolutionStem } from './convolution-stem';

const melTransformerOptions = z.object({
  /** Width of the tokens; that of the model if left out. Even. */
  hiddenSize: z.int().positive().optional(),
  ...transformerOptions,
  /** Stride of each convolution before the layers. Whisper's is [1, 2]. */
  convStrides: z.array(z.int().min(1).max(16)).min(1).max(8).default([2, 2]),
  /** Frames that a convolution spans. Odd. */
  convKernelSize: z
    .int()
    .min(1)
    .max(63)
    .refine((size) => size % 2 === 1, 'an odd number')
    .default(3),
});

/** Everything that a {@link MelTransformer} is made from. */
export interface MelTransformerConfig extends TransformerConfig {
  readonly numMelBins: number;
  readonly convStrides: readonly number[];
  readonly convKernelSize: number;
  /** Seconds from one frame to the next, where that is known. */
  readonly frameSeconds?: number;
}

/**
 * Log-mel frames through convolutions and pre-norm Transformer layers, like Whisper's encoder (Radford et al. 2023; HF
 * `WhisperEncoder`). Positions are sinusoids, so that no recording is too long. Pooled is the mean of the tokens.
 *
 * ```ts
 * const config = defineConfig(createRegistry([audio, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { voice: { use: 'mel-transformer', numHiddenLayers: 2 } },
 *   fusion: { use: 'mean' },
 *   heads: { digit: { use: 'classification', labels: 10 } },
 * });
 * ```
 */
export class MelTransformer extends Encoder {
  readonly stem: ConvolutionStem;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly hiddenDropout: number;
  /** As many frames as become a token. */
  override readonly blocks: ValueBlocks;
  override readonly tokenSeconds: number | undefined;

  /** @throws ConfigError for an odd hiddenSize, which has no sinusoidal positions */
  constructor(config: MelTransformerConfig) {
    super();
    this.hiddenSize = evenSize(config.hiddenSize);
    this.hiddenDropout = config.hiddenDropout;
    this.stem = new ConvolutionStem({
      inChannels: config.numMelBins,
      hiddenSize: config.hiddenSize,
      strides: config.convStrides,
      kernelSize: config.convKernelSize,
    });
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
    const frames = config.convStrides.reduce((product, stride) => product * stride, 1);
    const values = frames * config.numMelBins;
    this.tokenSeconds = config.frameSeconds && frames * config.frameSeconds;
    this.blocks = { feature: 'logMel', mask: 'mask', size: [frames], values, omits: false };
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount({ logMel }: AudioRow): number {
    return this.stem.tokenCount(logMel.shape[0]);
  }

  embed({ features, rows }: ModalityBatch<AudioFeatures>, context: Context): Tokens {
    const { tokens, mask } = this.stem.forward(features.logMel, features.mask);
    return this.adopt({ tokens, mask, rows }, context); // (P, N, D)
  }

  override adopt({ tokens, mask, rows }: Sequence, context: Context): Tokens {
    const placed = tf.add<tf.Tensor3D>(tokens, sinusoidalPositions(tokens.shape[1], this.hiddenSize));
    return { tokens: dropout(placed, this.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    return { tokens: normed, mask, rows, pooled: maskedMean(normed, mask) };
  }
}

/** The encoder `mel-transformer`: log-mel frames, convolutions, a Transformer. */
export const melTransformer = defineEncoder({
  name: 'mel-transformer',
  modality: 'audio',
  processor: audioProcessor,
  config: melTransformerOptions,
  create: (config, { hiddenSize, processor }) =>
    new MelTransformer({
      ...resolveTransformerConfig(config, config.hiddenSize ?? hiddenSize),
      numMelBins: processor.numMelBins,
      frameSeconds: processor.frameSeconds,
      convStrides: config.convStrides,
      convKernelSize: config.convKernelSize,
    }),
});

function evenSize(hiddenSize: number): number {
  if (hiddenSize % 2 === 0) return hiddenSize;
  throw new ConfigError({ where: 'hiddenSize', expected: 'an even number', received: String(hiddenSize) });
}
