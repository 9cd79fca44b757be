import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  Parameter,
} from '@polymodal/core';
import {
  LayerNorm,
  type ModalityWeights,
  modalityBias,
  repeatRows,
  resolveTransformerConfig,
  type TransformerConfig,
  type TransformerLayer,
  transformerLayers,
  transformerOptions,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';
import { encodeModalities } from './encode-modalities';
import { GatedCrossAttention } from './gated-cross-attention';
import { type Missing, ModalityTokens, type PlacedTokens, type TokensPerModality } from './modality-tokens';
import { ownersSideBySide } from './token-owners';

const tokensPerModality = z.enum(['all', 'pooled']);

const options = z.object({
  ...transformerOptions,
  /** What stands for an absent modality: `mask` leaves it out, `embedding` puts one learned token in its place. */
  missing: z.enum(['mask', 'embedding']).default('mask'),
  /**
   * What each modality contributes: `all` its tokens, or its `pooled` representation as a single one, which bounds the
   * cost. For all modalities, or for each; one left out contributes all.
   */
  tokensPerModality: z.union([tokensPerModality, z.record(z.string(), tokensPerModality)]).default('all'),
  /** How much the tokens of one modality attend to those of another: [query][key], 0 to 1. One left out is 1. */
  interactions: z.record(z.string(), z.record(z.string(), z.number().min(0).max(1))).default({}),
  /**
   * Modalities that are added to a trained model. They come in through gated cross-attention that starts closed, so that
   * the model first does exactly what it did without them.
   */
  gate: z.array(z.string()).readonly().default([]),
});

/** Sizes and choices of a {@link MaskedTransformer}. */
export interface MaskedTransformerConfig extends TransformerConfig {
  readonly missing: Missing;
  readonly tokensPerModality: TokensPerModality | Readonly<Record<string, TokensPerModality>>;
  readonly interactions: ModalityWeights;
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
export class MaskedTransformer extends Fusion {
  override readonly offers: readonly FusedPart[];
  readonly hiddenSize: number;
  /** (1, 1, D) */
  readonly classToken: Parameter<tf.Rank.R3>;
  readonly modalities: Readonly<Record<string, ModalityTokens>>;
  readonly layers: readonly TransformerLayer[];
  /** Of each gated modality, one before every layer. */
  readonly gates: Readonly<Record<string, readonly GatedCrossAttention[]>>;
  readonly norm: LayerNorm;
  readonly #interactions: ModalityWeights;

  constructor(config: MaskedTransformerConfig, encoders: Encoders) {
    super();
    const { hiddenSize, missing, gate, interactions, tokensPerModality } = config;
    checkModalities(gate, encoders, 'fusion.gate');
    for (const [query, row] of Object.entries(interactions)) {
      checkModalities([query, ...Object.keys(row)], encoders, 'fusion.interactions');
    }
    if (typeof tokensPerModality === 'object') {
      checkModalities(Object.keys(tokensPerModality), encoders, 'fusion.tokensPerModality');
    }
    this.hiddenSize = hiddenSize;
    this.offers = ['encoded', 'owner', ...(gate.length > 0 ? (['gates'] as const) : [])];
    this.classToken = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.modalities = mapRecord(encoders, (encoder, modality) => {
      const tokens = typeof tokensPerModality === 'string' ? tokensPerModality : (tokensPerModality[modality] ?? 'all');
      const encoderSize = tokens === 'pooled' ? encoder.pooledSize : encoder.hiddenSize;
      return new ModalityTokens({ encoderSize, hiddenSize, missing, tokens });
    });
    this.layers = transformerLayers(config);
    this.gates = Object.fromEntries(
      gate.map((modality) => [modality, this.layers.map(() => new GatedCrossAttention(config))]),
    );
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.#interactions = interactions;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const { joint, gated } = this.#place(encoded, batch.size);
    const parts = Object.values(joint);
    const classTokens = repeatRows(this.classToken.value, batch.size);
    let tokens = tf.concat([classTokens, ...parts.map((part) => part.tokens)], 1); // (B, N, D)
    const mask = tf.concat([tf.ones<tf.Rank.R2>([batch.size, 1]), ...parts.map((part) => part.mask)], 1); // (B, N)
    const spans = spansOf(joint);
    const bias = this.#attentionBias(spans, mask.shape[1]);

    this.layers.forEach((layer, index) => {
      for (const [modality, added] of Object.entries(gated)) {
        tokens = this.gates[modality][index].forward(tokens, added, context);
      }
      tokens = layer.forward(tokens, mask, context, bias);
    });
    tokens = zeroPadding(this.norm.forward(tokens), mask);
    const openings = mapRecord(gated, (added, modality) => openingsOf(this.gates[modality], added));
    const pooled = tf.reshape<tf.Rank.R2>(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [batch.size, this.hiddenSize]);
    const own = mapRecord(joint, (placed) => placed.own);
    const owner = ownersSideBySide(own, Object.keys(encoders), tf.zeros([batch.size, 1]));
    return { tokens, mask, pooled, encoded, owner, ...(Object.keys(this.gates).length > 0 && { gates: openings }) };
  }

  /** The tokens of each modality for all rows: those that the layers run over, and those behind a gate. */
  #place(encoded: Readonly<Record<string, EncodedTokens>>, size: number) {
    const joint: Record<string, PlacedTokens> = {};
    const gated: Record<string, PlacedTokens> = {};
    for (const [modality, module] of Object.entries(this.modalities)) {
      const placed = module.forward(encoded[modality], size);
      if (placed) (this.gates[modality] ? gated : joint)[modality] = placed;
    }
    return { joint, gated };
  }

  #attentionBias(spans: Spans, length: number): tf.Tensor4D | undefined {
    const inSpans = <T>(record: Readonly<Record<string, T>>) =>
      Object.entries(record).filter(([modality]) => Object.hasOwn(spans, modality));
    const weights = inSpans(this.#interactions).map(([query, row]) => [query, Object.fromEntries(inSpans(row))]);
    return weights.length > 0 ? modalityBias(Object.fromEntries(weights), spans, length) : undefined;
  }
}

/** The fusion `masked-transformer`. */
export const maskedTransformer = defineFusion({
  name: 'masked-transformer',
  config: options,
  create: (config, setup) =>
    new MaskedTransformer({ ...config, ...resolveTransformerConfig(config, setup.hiddenSize) }, setup.encoders),
});

/** Where each modality's tokens lie on the second axis: [start, end). */
type Spans = Readonly<Record<string, readonly [start: number, end: number]>>;

/** Where they lie after the class token. */
function spansOf(joint: Readonly<Record<string, PlacedTokens>>): Spans {
  let end = 1;
  return mapRecord(joint, ({ tokens }) => {
    const start = end;
    end += tokens.shape[1];
    return [start, end] as const;
  });
}

/** (B, L): how far each of a modality's gates is open, in the rows that have it. */
function openingsOf(gates: readonly GatedCrossAttention[], { own }: PlacedTokens): tf.Tensor2D {
  const open = tf.stack(gates.map(({ gate }) => tf.tanh(gate.value))); // (L)
  return tf.mul(tf.max(own, 1, true), open);
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
