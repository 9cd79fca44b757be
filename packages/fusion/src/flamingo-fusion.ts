import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoders,
  type Features,
  type Fused,
  Fusion,
  mapRecord,
  type Requirements,
  runLayer,
  type SlotStart,
  withTokens,
} from '@polymodal/core';
import {
  beginSequence,
  type CausalEncoder,
  type LayerOf,
  type SequenceLayers,
  type StartedSequence,
  startSequence,
} from '@polymodal/generation';
import { activationNames } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { causalHost } from './causal-host';
import { GatedMediaLayer, type GatedMediaLayerConfig, type SeenMedia } from './gated-media-layer';
import { hostIds, hostSequence, keptTokenCount, requirePositions } from './host-sequence';
import { mediaMask } from './media-mask';
import { type MediaPart, mediaPart, seenTokens } from './media-part';
import { type PerceiverConfig, PerceiverResampler } from './perceiver-resampler';
import { type Span, spansOf, tellAttention } from './tell-attention';

const rate = z.number().min(0).lt(1);
const positive = z.number().positive();
const size = z.int().positive();

/** Sizes and choices of a {@link FlamingoFusion}. */
export interface FlamingoConfig extends Omit<GatedMediaLayerConfig, 'hiddenSize' | 'mediaSizes'> {
  /** The slot whose sequence it is. */
  readonly host: string;
  /** How many layers of the host's encoder there are to a gated layer, which stands before the first of them. */
  readonly every: number;
  /** Which of the host's layers, counted from 0, the first gated layer stands before. */
  readonly from: number;
  /** What makes a few latents of each value's tokens; these are attended to as they are without. */
  readonly resampler?: ResamplerConfig | undefined;
}

/** Sizes of what resamples the values of a slot, whatever their width. */
export type ResamplerConfig = Omit<PerceiverConfig, 'hiddenSize' | 'intermediateSize'> & {
  /** 4 times the width of the tokens if left out. */
  readonly intermediateSize?: number | undefined;
};

/**
 * A language model that looks at pictures, or hears sounds, while it reads and writes (Flamingo, Alayrac et al. 2022): between the layers
 * of a causal encoder, that of the slot `host`, gated layers attend to the values of all other slots. In a document
 * (`[{ text: … }, { image: … }, { text: … }]`) a token sees the last value of each slot that stands at it or before it; beside a text that is
 * no document, all values. What stands at a place is the host's own placeholder; that of a value which the row lacks is left out.
 *
 * The gates are closed at first: with the same values elsewhere, the model is the fusion `decoder` of the host alone, to the bit. So are,
 * whatever was learned, rows without values and tokens before the first, unless `unseeing` says that they go through the feed-forward networks of the
 * gated layers. `gates` has how far those of the attentions are open. It offers `causal`: what a head writes behind sees what the last token sees, through the
 * same layers, whose keys and values of media are kept.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, vision, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: {
 *     text: { use: 'transformer', causal: true },
 *     image: { use: 'vit', imageSize: 32, patchSize: 8, several: true },
 *   },
 *   fusion: { use: 'flamingo', resampler: { numLatents: 8 } },
 *   heads: { answer: { use: 'language-model', of: 'text' } }, // of `@polymodal/head-text`
 * });
 * ```
 *
 * @throws ConfigError for a host alone, for gated layers behind its last, and for heads that do not divide its width, or that of what is resampled
 */
export class FlamingoFusion extends Fusion {
  override readonly requires: Requirements;
  override readonly offers = ['owner', 'causal', 'gates'] as const;
  readonly hiddenSize: number;
  /** The slot whose sequence it is. */
  readonly host: string;
  /** Of the other slots, where values are resampled. */
  readonly resamplers: Readonly<Record<string, PerceiverResampler>>;
  /** In the order in which they stand before layers of the host's encoder. */
  readonly layers: readonly GatedMediaLayer[];
  readonly #every: number;
  readonly #from: number;
  readonly #sequenceLayers = new WeakMap<CausalEncoder, SequenceLayers>();

  constructor({ host, every, from, resampler, ...config }: FlamingoConfig, encoders: Encoders) {
    super();
    const { [host]: encoder, ...others } = encoders;
    if (Object.keys(others).length === 0) throw nothingToSee(host);
    if (from >= encoder.depth) throw beyondDepth(from, encoder.depth);
    const hiddenSize = encoder.widthAt(0);
    const mediaSizes = mapRecord(others, (other) => other.hiddenSize);
    this.host = host;
    this.requires = { all: [host] };
    this.hiddenSize = encoder.hiddenSize;
    this.resamplers = resampler ? mapRecord(mediaSizes, (width) => resamplerOf(resampler, width)) : {};
    this.layers = Array.from({ length: Math.ceil((encoder.depth - from) / every) }, () => {
      return new GatedMediaLayer({ ...config, hiddenSize, mediaSizes });
    });
    this.#every = every;
    this.#from = from;
  }

  /** @throws SampleError for a sequence that is longer than the host has positions for */
  override tokenCount(encoders: Encoders, features: Readonly<Record<string, Features>>): number {
    const encoder = encoders[this.host] as CausalEncoder;
    const own = features[this.host];
    const slots = Object.keys(encoders);
    const kept = keptTokenCount(encoder, own, (slot) => !features[slots[slot]]);
    return requirePositions(encoder, this.host, { [this.host]: kept || encoder.tokenCount(own) }); // see leftOut
  }

  /** The layers of the host below the first gated one: of the text alone. */
  override start(encoders: Encoders): SlotStart | undefined {
    if (this.#from === 0) return undefined;
    const encoder = encoders[this.host] as CausalEncoder;
    return {
      slot: this.host,
      uses: (path) => encoder.layerOf(path) <= this.#from, // 1 + i in layer i
      compute: ({ features }, context): tf.NamedTensorMap => {
        if (features.placeSlot) return {}; // which tokens of a document there are depends on what stands at its places
        const { tokens, keys, values } = startSequence(encoder, features, this.#from, context);
        return { startTokens: tokens, startKeys: keys, startValues: values };
      },
    };
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoder = encoders[this.host] as CausalEncoder;
    const slots = Object.keys(encoders);
    const own = hostSequence(batch, this.host);
    const {
      mask: given,
      placeSlot,
      placeValue,
      startTokens,
      startKeys,
      startValues,
      answers,
      ...features
    } = own.features as HostTensors;
    const media = this.#media(encoders, batch, context);
    const seen = mapRecord(media, ({ present }, slot) =>
      mediaMask({ mask: given, placeSlot, placeValue }, slots.indexOf(slot), present),
    );
    const isPlace = tf.addN([tf.zerosLike(given), ...Object.values(seen).map((one) => one.isPlace)]) as tf.Tensor2D;
    const isOwn = placeSlot ? tf.cast(tf.less(placeSlot, 0), 'float32') : tf.onesLike(given);
    const mask = leftOut(given, tf.maximum(isOwn, isPlace));
    const ids = hostIds(features.inputIds, tf.mul(mask, isOwn));
    const placeholders = placeSlot && hostIds(features.inputIds, tf.mul(mask, tf.sub(1, isOwn)));

    const parts = Object.entries(media).map(([slot, part]) => seenTokens(seen[slot].sees, part));
    const sees = parts.length > 0 ? tf.concat<tf.Tensor3D>(parts, 2) : undefined; // (B, N, M)
    const memory = sees ? this.#memory(media, sees) : {};
    const tell = context.tellAttention;
    const spans = { queries: [{ slot: this.host, mask }], keys: spansOf(mapRecord(media, (part) => part.mask)) };
    const { encoded, causal } = beginSequence(
      tell ? this.#telling(encoder, spans, tell) : this.#layersOf(encoder),
      {
        features: { ...features, mask },
        ids,
        placeholders,
        memory,
        own: sees ? { sees } : {},
        answers,
        started: startTokens && ({ tokens: startTokens, keys: startKeys, values: startValues } as StartedSequence),
      },
      context,
    );
    const map = tf.cast(tf.sub<tf.Tensor2D>(tf.mul(mask, 1 + slots.indexOf(this.host)), 1), 'int32');
    const gates = mapRecord(media, ({ present }) => this.#openings(present));
    return { tokens: encoded.tokens, mask, pooled: encoded.pooled, owner: { map, slots }, causal, gates };
  }

  /** What there is of the slots beside the host that a row of the batch has. */
  #media(encoders: Encoders, { size: rows, modalities }: Batch, context: Context): Readonly<Record<string, MediaPart>> {
    const slots = Object.keys(encoders).filter((slot) => slot !== this.host && modalities[slot]?.rows.length);
    return Object.fromEntries(
      slots.map((slot) => {
        const input = modalities[slot];
        return [slot, mediaPart(encoders[slot].encode(input, context), input, this.resamplers[slot], rows)];
      }),
    );
  }

  /** What follows sees what the last token sees: all places are reached there. */
  #memory(media: Readonly<Record<string, MediaPart>>, sees: tf.Tensor3D): tf.NamedTensorMap {
    const [rows, length, count] = sees.shape;
    const tokens = mapRecord(media, (part) => part.tokens);
    const kept = this.layers.flatMap((layer, index) => {
      const { keys, values } = layer.attention.keysAndValues(tokens);
      return [
        [`keys${index}`, keys],
        [`values${index}`, values],
      ];
    });
    const last = tf.reshape(tf.slice(sees, [0, length - 1, 0], [rows, 1, count]), [rows, count]);
    return { ...Object.fromEntries(kept), seenLast: last };
  }

  /** The same object for all batches of an encoder, by which decoders are kept that are compiled. */
  #layersOf(encoder: CausalEncoder): SequenceLayers {
    const known = this.#sequenceLayers.get(encoder) ?? {
      encoder,
      cacheSizes: encoder.cacheSizes,
      layerWith: (memory: tf.NamedTensorMap, own: tf.NamedTensorMap) => {
        const sees = own.sees as tf.Tensor3D | undefined;
        return this.#between(encoder, (index) => sees && { ...keptOf(memory, index), sees });
      },
      ownOfNext: ({ seenLast }: tf.NamedTensorMap): tf.NamedTensorMap =>
        seenLast ? { sees: tf.expandDims(seenLast, 1) } : {}, // (B, 1, M)
    };
    this.#sequenceLayers.set(encoder, known);
    return known;
  }

  /** The same layers for one pass that is looked at. */
  #telling(
    encoder: CausalEncoder,
    spans: { readonly queries: readonly Span[]; readonly keys: readonly Span[] },
    tell: NonNullable<Context['tellAttention']>,
  ): SequenceLayers {
    const layers = this.#layersOf(encoder);
    const layerWith: SequenceLayers['layerWith'] = (memory, own) => {
      const run = layers.layerWith(memory, own);
      return (index, tokens, context) => {
        const gated = this.#gatedBefore(index);
        if (gated !== undefined && own.sees) {
          const media = { ...keptOf(memory, gated), sees: own.sees as tf.Tensor3D };
          tellAttention(tell, `layers.${gated}`, this.layers[gated].weights(tokens.tokens, media), spans);
        }
        return run(index, tokens, context);
      };
    };
    return { ...layers, layerWith };
  }

  /** Which gated layer stands before a layer of the host's encoder, if any. */
  #gatedBefore(index: number): number | undefined {
    const gated = (index - this.#from) / this.#every;
    return gated >= 0 && Number.isInteger(gated) ? gated : undefined;
  }

  #between(encoder: CausalEncoder, mediaOf: (index: number) => SeenMedia | undefined): LayerOf {
    return (index, tokens, context) => {
      const gated = this.#gatedBefore(index);
      if (gated === undefined) return runLayer(encoder, index, tokens, context);
      const looked = this.layers[gated].forward(tokens.tokens, mediaOf(gated), context);
      return runLayer(encoder, index, withTokens(tokens, looked), context);
    };
  }

  /** (B, L): how far the gate of each layer is open, in the rows that have the slot. */
  #openings(present: tf.Tensor2D): tf.Tensor2D {
    const open = tf.stack(this.layers.map(({ opening }) => opening)); // (L)
    return tf.mul(tf.max(present, 1, true), tf.expandDims(open, 0));
  }
}

function resamplerOf(config: ResamplerConfig, hiddenSize: number): PerceiverResampler {
  const { intermediateSize = 4 * hiddenSize } = config;
  return new PerceiverResampler({ ...config, hiddenSize, intermediateSize });
}

type HostTensors = Readonly<Record<'mask', tf.Tensor2D>> &
  Readonly<Partial<Record<'inputIds' | 'placeSlot' | 'placeValue' | 'answers', tf.Tensor2D>>> &
  Readonly<Partial<Record<'startTokens' | 'startKeys' | 'startValues', tf.Tensor>>>;

function keptOf(memory: tf.NamedTensorMap, index: number): Pick<SeenMedia, 'keys' | 'values'> {
  return { keys: memory[`keys${index}`] as tf.Tensor3D, values: memory[`values${index}`] as tf.Tensor3D };
}

/** Without the placeholders of what is not there, unless a row has nothing else. */
function leftOut(mask: tf.Tensor2D, stays: tf.Tensor): tf.Tensor2D {
  const left = tf.mul<tf.Tensor2D>(mask, stays);
  return tf.where(tf.cast(tf.max(left, 1, true), 'bool'), left, mask);
}

function nothingToSee(host: string): ConfigError {
  return new ConfigError({
    where: 'encoders',
    expected: `a slot beside "${host}" that its tokens can attend to`,
    received: 'that one alone',
    hint: 'Of a language model by itself the fusion is `decoder`.',
  });
}

function beyondDepth(from: number, depth: number): ConfigError {
  return new ConfigError({
    where: 'from',
    expected: `a layer of the host's encoder, which has ${depth}: 0 to ${depth - 1}`,
    received: String(from),
    hint: 'No gated layer would be left.',
  });
}

/** The fusion `flamingo`. */
export const flamingo = defineFusion({
  name: 'flamingo',
  config: z.object({
    /** The slot whose sequence it is; by default the one whose encoder is causal. */
    host: z.string().min(1).optional(),
    /** How many layers of its encoder there are to a gated layer, which stands before the first of them. */
    every: size.default(1),
    /** Which of its layers, from 0, the first gated layer stands before. Those below are of the text alone: what is frozen there needs no gradient. */
    from: z.int().min(0).default(0),
    /** Heads of the gated layers, a divisor of the host's width. */
    numAttentionHeads: size.default(4),
    /** Width of their feed-forward networks; 4 times the host's if left out. */
    intermediateSize: size.optional(),
    hiddenAct: z.enum(activationNames).default('silu'),
    rmsNormEps: positive.default(1e-6),
    /** Whether queries and keys of each head are normed. */
    qkLayerNorms: z.boolean().default(false),
    /** Whether a gate is one number, or one for each of the width. */
    gate: z.enum(['scalar', 'vector']).default('scalar'),
    /** What becomes of tokens that see nothing: they pass as they are, or, as in Idefics, go through the feed-forward networks. */
    unseeing: z.enum(['pass', 'feed-forward']).default('pass'),
    /** Rate of dropout on what each branch adds. */
    hiddenDropout: rate.default(0),
    /** Rate of dropout on attention weights. */
    attentionDropout: rate.default(0),
    /** What makes a few latents of each value's tokens. */
    resampler: z
      .object({
        numLatents: size.max(1024).default(64),
        numHiddenLayers: size.default(2),
        numAttentionHeads: size.default(4),
        /** Width of a head; by default the width of the values' tokens over the heads. */
        headDim: size.optional(),
        /** Width of the feed-forward networks; 4 times that of the tokens if left out. */
        intermediateSize: size.optional(),
        hiddenAct: z.enum(activationNames).default('gelu'),
        layerNormEps: positive.default(1e-5),
        qkLayerNorms: z.boolean().default(false),
      })
      .optional(),
  }),
  create: ({ host: asked, ...config }, { encoders }) => {
    const host = causalHost(encoders, asked);
    const intermediateSize = config.intermediateSize ?? 4 * encoders[host].hiddenSize;
    return new FlamingoFusion({ ...config, host, intermediateSize }, encoders);
  },
  slots: { release: () => ({}) }, // what comes is attended to beside what was there, behind gates that are open: none does unnoticed
});
