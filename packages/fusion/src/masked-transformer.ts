import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  mapRecord,
  type Sequence,
} from '@polymodal/core';
import { resolveTransformerConfig } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';
import { encodeModalities } from './encode-modalities';
import { without } from './interaction-slots';
import { jointSlots } from './joint-slots';
import { JointTransformer, type JointTransformerConfig, jointOptions, reportUsage } from './joint-transformer';

const tokensPerModality = z.enum(['all', 'pooled']);

const options = z.object({
  ...jointOptions,
  /**
   * What each modality contributes: `all` its tokens, or its `pooled` representation as a single one, which bounds the
   * cost. For all modalities, or for each; one left out contributes all.
   */
  tokensPerModality: z.union([tokensPerModality, z.record(z.string(), tokensPerModality)]).default('all'),
  reportUsage,
});

/** All tokens of a modality, or its pooled representation as a single one. */
export type TokensPerModality = z.output<typeof tokensPerModality>;

/** Sizes and choices of a {@link MaskedTransformer}. */
export interface MaskedTransformerConfig extends JointTransformerConfig {
  readonly tokensPerModality: TokensPerModality | Readonly<Record<string, TokensPerModality>>;
}

/**
 * Late fusion: a Transformer over a class token and the tokens of the modalities that are present, those of others
 * masked.
 *
 * The fused tokens are the class token, then those of each modality that a row of the batch has, in the order of the
 * encoders; padding and what is absent is exactly 0 in them. The pooled representation is the class token. What a row
 * gives does not depend on what other rows have. A gated modality acts on the tokens of the others and has none among them.
 *
 * ```ts
 * const model = composeModel(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'masked-transformer', numHiddenLayers: 2, tokensPerModality: 'pooled' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws UnknownNameError for an option that names a modality without an encoder
 */
export class MaskedTransformer extends JointTransformer {
  override readonly offers: readonly FusedPart[];
  readonly #tokens: Readonly<Record<string, TokensPerModality>>;

  constructor(config: MaskedTransformerConfig, encoders: Encoders) {
    const { gate, tokensPerModality } = config;
    if (typeof tokensPerModality === 'object') {
      checkModalities(Object.keys(tokensPerModality), encoders, 'fusion.tokensPerModality');
    }
    const tokens = mapRecord(encoders, (_, slot) =>
      typeof tokensPerModality === 'string' ? tokensPerModality : (tokensPerModality[slot] ?? 'all'),
    );
    const widths = mapRecord(encoders, (encoder, slot) =>
      tokens[slot] === 'pooled' ? encoder.pooledSize : encoder.hiddenSize,
    );
    super(config, encoders, widths);
    this.#tokens = tokens;
    this.offers = [
      'encoded',
      'owner',
      ...(gate.length > 0 ? (['gates'] as const) : []),
      ...(config.reportUsage ? (['usage'] as const) : []),
    ];
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.place(
      mapRecord(encoded, (own, slot) => (this.#tokens[slot] === 'pooled' ? pooledToken(own) : own)),
      batch.size,
    );
    return { ...this.join(placed, batch.size, context), encoded };
  }
}

/** The fusion `masked-transformer`. */
export const maskedTransformer = defineFusion({
  name: 'masked-transformer',
  config: options,
  create: (config, setup) =>
    new MaskedTransformer({ ...config, ...resolveTransformerConfig(config, setup.hiddenSize) }, setup.encoders),
  slots: {
    ...jointSlots,
    release: (config, slot) => ({
      ...jointSlots.release(config, slot),
      ...(typeof config.tokensPerModality === 'object' && {
        tokensPerModality: without(config.tokensPerModality, slot),
      }),
    }),
  },
});

/** The vector of a whole as its only token. */
function pooledToken({ pooled, rows }: EncodedTokens): Sequence {
  return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([rows.length, 1]), rows };
}
