import { type Batch, type Context, defineFusion, type Encoders, type Fused, Fusion } from '@polymodal/core';
import { activationNames, transformerOptions } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { encodeModalities } from './encode-modalities';
import { mapRecord } from './map-record';
import { ModalityTokens } from './modality-tokens';
import { type PerceiverConfig, PerceiverResampler } from './perceiver-resampler';

const { numAttentionHeads, intermediateSize, layerNormEps } = transformerOptions;

const options = z.object({
  /** How many latents all tokens become. */
  numLatents: z.int().positive().max(1024).default(16),
  numHiddenLayers: z.int().positive().default(2),
  numAttentionHeads,
  intermediateSize,
  hiddenAct: z.enum(activationNames).default('gelu'),
  layerNormEps,
  /** Whether queries and keys of each head are normed. */
  qkLayerNorms: z.boolean().default(false),
});

/**
 * Late fusion by latents: the finished tokens of all modalities that a row has, resampled to a fixed number (Perceiver, Jaegle et al.
 * 2021), so that the cost grows with the tokens and not with their square. The latents are the fused tokens, and their mean is the
 * pooled representation.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 96, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'perceiver', numLatents: 16 },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class PerceiverFusion extends Fusion {
  override readonly offers = ['encoded'] as const;
  readonly hiddenSize: number;
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly resampler: PerceiverResampler;

  constructor(config: PerceiverConfig, encoders: Encoders) {
    super();
    const { hiddenSize } = config;
    this.hiddenSize = hiddenSize;
    this.modalities = mapRecord(
      encoders,
      (encoder) => new ModalityTokens({ encoderSize: encoder.hiddenSize, hiddenSize, missing: 'mask' }),
    );
    this.resampler = new PerceiverResampler(config);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = Object.entries(encoded).map(([slot, own]) => this.modalities[slot].forward(own, batch.size)!);
    const tokens = tf.concat(
      placed.map((part) => part.tokens),
      1,
    ); // (B, N, D)
    const mask = tf.concat(
      placed.map((part) => part.mask),
      1,
    );
    const latents = this.resampler.forward(tokens, mask); // (B, L, D)
    return { tokens: latents, mask: tf.ones([batch.size, latents.shape[1]]), pooled: tf.mean(latents, 1), encoded };
  }
}

/** The fusion `perceiver`. */
export const perceiver = defineFusion({
  name: 'perceiver',
  config: options,
  create: (config, { hiddenSize, encoders }) =>
    new PerceiverFusion(
      { ...config, hiddenSize, intermediateSize: config.intermediateSize ?? 4 * hiddenSize },
      encoders,
    ),
});
