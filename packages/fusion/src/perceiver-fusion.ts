import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  mapRecord,
} from '@polymodal/core';
import { activationNames, transformerOptions } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AddedModalities, addedOption, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { ModalityTokens } from './modality-tokens';
import { type PerceiverConfig, PerceiverResampler } from './perceiver-resampler';
import { type Span, tellAttention } from './tell-attention';
import { vectorSlots } from './vector-slots';

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
  added: addedOption,
});

/** Sizes and choices of a {@link PerceiverFusion}. */
interface PerceiverFusionConfig extends PerceiverConfig {
  readonly added: readonly string[];
}

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
  override readonly offers: readonly FusedPart[];
  readonly hiddenSize: number;
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly resampler: PerceiverResampler;
  readonly added: AddedModalities;

  constructor(config: PerceiverFusionConfig, encoders: Encoders) {
    super();
    const { hiddenSize } = config;
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'encoded');
    this.modalities = mapRecord(
      encodersBeside(config.added, encoders, 'fusion.added'),
      (encoder) => new ModalityTokens({ encoderSize: encoder.hiddenSize, hiddenSize, missing: 'mask' }),
    );
    this.resampler = new PerceiverResampler(config);
    this.added = new AddedModalities(config.added, encoders, hiddenSize);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const { tokens, mask, spans } = this.#tokens(encoded, batch.size);
    const tell = context.tellAttention;
    const look = tell && ((layer: number, weights: tf.Tensor4D) => tellLatents(tell, layer, weights, spans));
    const resampled = this.resampler.forward(tokens, mask, look);
    const addition = this.added.forward(tf.zeros([batch.size, this.hiddenSize]), encoded); // (B, D)
    const latents = tf.add<tf.Tensor3D>(resampled, tf.expandDims(addition, 1)); // (B, L, D)
    return {
      tokens: latents,
      mask: tf.ones([batch.size, latents.shape[1]]),
      pooled: tf.mean(latents, 1),
      encoded,
      ...this.added.gates(encoded, batch.size),
    };
  }

  /** (B, N, D) of all modalities that are resampled, and whose they are; where there is none, one token that takes no part. */
  #tokens(encoded: Readonly<Record<string, EncodedTokens>>, size: number): ResampledTokens {
    const placed = Object.entries(this.modalities).flatMap(([slot, module]) => {
      const own = module.forward(encoded[slot], size);
      return own ? [{ slot, ...own }] : [];
    });
    const nobodys = tf.zeros<tf.Rank.R2>([size, 1]);
    if (placed.length === 0) {
      return {
        tokens: tf.zeros([size, 1, this.hiddenSize]),
        mask: nobodys,
        spans: [{ slot: undefined, mask: nobodys }],
      };
    }
    return {
      tokens: tf.concat(
        placed.map(({ tokens }) => tokens),
        1,
      ),
      mask: tf.concat(
        placed.map(({ mask }) => mask),
        1,
      ),
      spans: placed.map(({ slot, own }) => ({ slot, mask: own })),
    };
  }
}

interface ResampledTokens {
  readonly tokens: tf.Tensor3D;
  readonly mask: tf.Tensor2D;
  readonly spans: readonly Span[];
}

/** @param weights (B, H, L, N + L), those of tokens before those of latents */
function tellLatents(
  tell: NonNullable<Context['tellAttention']>,
  layer: number,
  weights: tf.Tensor4D,
  spans: readonly Span[],
): void {
  const [size, , count] = weights.shape;
  const latents: Span = { slot: undefined, mask: tf.ones([size, count]) };
  tellAttention(tell, `resampler.layers.${layer}`, weights, { queries: [latents], keys: [...spans, latents] });
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
  slots: vectorSlots,
});
