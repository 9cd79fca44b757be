import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  type Sequence,
} from '@polymodal/core';
import { resolveTransformerConfig } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';
import { encodeModalities } from './encode-modalities';
import { GatedCrossAttention } from './gated-cross-attention';
import { JointTransformer, type JointTransformerConfig, jointOptions, reportUsage } from './joint-transformer';
import { mapRecord } from './map-record';
import type { PlacedTokens } from './modality-tokens';

const tokensPerModality = z.enum(['all', 'pooled']);

const options = z.object({
  ...jointOptions,
  /**
   * What each modality contributes: `all` its tokens, or its `pooled` representation as a single one, which bounds the
   * cost. For all modalities, or for each; one left out contributes all.
   */
  tokensPerModality: z.union([tokensPerModality, z.record(z.string(), tokensPerModality)]).default('all'),
  /**
   * Modalities that are added to a trained model. They come in through gated cross-attention that starts closed, so that
   * the model first does exactly what it did without them.
   */
  gate: z.array(z.string()).readonly().default([]),
  reportUsage,
});

/** All tokens of a modality, or its pooled representation as a single one. */
export type TokensPerModality = z.output<typeof tokensPerModality>;

/** Sizes and choices of a {@link MaskedTransformer}. */
export interface MaskedTransformerConfig extends JointTransformerConfig {
  readonly tokensPerModality: TokensPerModality | Readonly<Record<string, TokensPerModality>>;
  readonly gate: readonly string[];
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
  /** Of each gated modality, one before every layer. */
  readonly gates: Readonly<Record<string, readonly GatedCrossAttention[]>>;
  readonly #tokens: Readonly<Record<string, TokensPerModality>>;

  constructor(config: MaskedTransformerConfig, encoders: Encoders) {
    const { gate, tokensPerModality } = config;
    checkModalities(gate, encoders, 'fusion.gate');
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
    this.gates = Object.fromEntries(
      gate.map((modality) => [modality, this.layers.map(() => new GatedCrossAttention(config))]),
    );
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.place(
      mapRecord(encoded, (own, slot) => (this.#tokens[slot] === 'pooled' ? pooledToken(own) : own)),
      batch.size,
    );
    const isGated = ([slot]: [string, PlacedTokens]) => slot in this.gates;
    const gated = Object.fromEntries(Object.entries(placed).filter(isGated));
    const open = Object.fromEntries(Object.entries(placed).filter((entry) => !isGated(entry)));
    const fused = this.join(open, batch.size, context, (index, joint) => {
      let { tokens } = joint;
      for (const [slot, added] of Object.entries(gated)) {
        tokens = this.gates[slot][index].forward(tokens, added, context);
      }
      return this.runLayer(index, { ...joint, tokens }, context);
    });
    const openings = mapRecord(gated, (added, slot) => openingsOf(this.gates[slot], added));
    return { ...fused, encoded, ...(Object.keys(this.gates).length > 0 && { gates: openings }) };
  }
}

/** The fusion `masked-transformer`. */
export const maskedTransformer = defineFusion({
  name: 'masked-transformer',
  config: options,
  create: (config, setup) =>
    new MaskedTransformer({ ...config, ...resolveTransformerConfig(config, setup.hiddenSize) }, setup.encoders),
});

/** The vector of a whole as its only token. */
function pooledToken({ pooled, rows }: EncodedTokens): Sequence {
  return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([rows.length, 1]), rows };
}

/** (B, L): how far each of a modality's gates is open, in the rows that have it. */
function openingsOf(gates: readonly GatedCrossAttention[], { own }: PlacedTokens): tf.Tensor2D {
  const open = tf.stack(gates.map(({ gate }) => tf.tanh(gate.value))); // (L)
  return tf.mul(tf.max(own, 1, true), open);
}
