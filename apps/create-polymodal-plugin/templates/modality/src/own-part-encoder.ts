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
  dropout,
  LayerNorm,
  Linear,
  maskedMean,
  positionsFromMask,
  resolveTransformerConfig,
  sinusoidsAt,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type OwnPartFeatures, type OwnPartRow, ownPartProcessor } from './own-part-processor.js';

const ownPartEncoderOptions = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  ...transformerOptions,
  numHiddenLayers: transformerOptions.numHiddenLayers.default(2),
});

/** Everything that an {@link OwnPartEncoder} is made from. */
export interface OwnPartEncoderConfig extends TransformerConfig {
  readonly channels: number;
}

/** A token of each reading, by a linear map, and pre-norm Transformer layers over the tokens. */
export class OwnPartEncoder extends Encoder {
  readonly projection: Linear;
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;
  readonly hiddenDropout: number;

  constructor(config: OwnPartEncoderConfig) {
    super();
    this.hiddenSize = config.hiddenSize;
    this.hiddenDropout = config.hiddenDropout;
    this.projection = new Linear(config.channels, config.hiddenSize);
    this.layers = transformerLayers(config);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  /** How many tokens a value becomes: what is known before it is computed. */
  override tokenCount({ readings }: OwnPartRow): number {
    return readings.shape[0];
  }

  embed({ features, rows }: ModalityBatch<OwnPartFeatures>, context: Context): Tokens {
    const { mask } = features; // (P, T)
    const readings = zeroPadding(features.readings, mask); // (P, T, C), before any weight meets them: 0 · NaN is NaN
    return this.adopt({ tokens: this.projection.forward(readings), mask, rows }, context); // (P, T, D)
  }

  /** Its layers take the tokens of others too, which some fusions splice in. */
  override adopt({ tokens, mask, rows }: Sequence, context: Context): Tokens {
    const placed = tf.add<tf.Tensor3D>(tokens, sinusoidsAt(positionsFromMask(mask), this.hiddenSize));
    return { tokens: dropout(placed, this.hiddenDropout, context, this), mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index]!.forward(tokens.tokens, tokens.mask, context));
  }

  finish(tokens: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens.tokens);
    return { ...tokens, tokens: normed, pooled: maskedMean(normed, tokens.mask) };
  }
}

/** The encoder `own-part`. */
export const ownPartEncoder = defineEncoder({
  name: 'own-part',
  modality: 'own-part',
  processor: ownPartProcessor,
  config: ownPartEncoderOptions,
  create: (config, { hiddenSize, processor, slot }) =>
    new OwnPartEncoder({
      ...resolveTransformerConfig(config, evenSize(config.hiddenSize ?? hiddenSize, slot)),
      channels: processor.channels,
    }),
});

/** Positions come in pairs of sine and cosine. */
function evenSize(hiddenSize: number, slot: string): number {
  if (hiddenSize % 2 === 0) return hiddenSize;
  throw new ConfigError({
    where: `encoders.${slot}.hiddenSize`,
    expected: 'an even number',
    received: String(hiddenSize),
    hint: "It is the model's where the encoder does not state its own.",
  });
}
