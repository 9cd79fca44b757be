import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoders,
  type Features,
  type Fused,
  Fusion,
  type ModalityBatch,
  type Requirements,
} from '@polymodal/core';
import {
  beginSequence,
  type CachesPrefixes,
  type CausalEncoder,
  layersAlone,
  type PrefixCache,
  type SequenceLayers,
  sequenceWords,
} from '@polymodal/generation';
import { activationNames, placeRows, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { causalHost } from './causal-host';
import { checkModalities } from './check-modalities';
import { hostIds, hostSequence, keptTokenCount, requirePositions } from './host-sequence';
import { Projector, type ProjectorConfig, projectorKinds } from './projector';
import { type Spliced, type SpliceHost, type SplicePart, splice } from './splice';
import { allTaken, type TakenOptions, takenCount, takenOptions, takenTokens, takenWidth } from './taken-tokens';

/** How a {@link DecoderFusion} is made. */
export interface DecoderConfig {
  /** The slot whose sequence it is. */
  readonly host: string;
  readonly projector: ProjectorConfig['kind'];
  readonly projectorAct?: ProjectorConfig['hiddenAct'];
  readonly projectorBias?: ProjectorConfig['bias'];
  /** By slot, which of its tokens are spliced in, where it is not all that its encoder finishes. */
  readonly tokens?: Readonly<Record<string, TakenOptions>>;
}

/**
 * A decoder: the sequence of one slot, whose encoder is causal, runs through that encoder's layers, and heads go on behind it. With that
 * slot alone it is a plain language model. Tokens of other slots are projected and spliced into the sequence, as in LLaVA (Liu et al.
 * 2023): in a document, those of each value in the place where it stands, and otherwise in front. What a row lacks leaves nothing there.
 *
 * The fused tokens and vectors are the encoder's own. It offers `causal`, what a head needs to learn or to write what follows, with the
 * keys and values of this very pass, so that nothing of it is computed again.
 *
 * ```ts
 * const config = defineConfig(createRegistry([text, vision, fusion, headText]), {
 *   hiddenSize: 64,
 *   encoders: { question: { use: 'transformer', causal: true }, photo: { use: 'vit', imageSize: 32, patchSize: 8 } },
 *   fusion: { use: 'decoder' },
 *   heads: { answer: { use: 'language-model' } }, // of `@polymodal/head-text`
 * });
 * ```
 */
export class DecoderFusion extends Fusion implements CachesPrefixes {
  override readonly requires: Requirements;
  override readonly offers = ['owner', 'causal'] as const;
  readonly hiddenSize: number;
  /** The slot whose sequence it is. */
  readonly host: string;
  /** Of the other slots. */
  readonly projectors: Readonly<Record<string, Projector>>;
  readonly #tokens: NonNullable<DecoderConfig['tokens']>;
  readonly #layers = new WeakMap<CausalEncoder, SequenceLayers>();
  #prefixes: PrefixCache | undefined;

  constructor({ host, tokens = {}, ...config }: DecoderConfig, encoders: Encoders) {
    super();
    checkSpliced(Object.keys(tokens), encoders, host);
    this.host = host;
    this.#tokens = tokens;
    this.requires = { all: [host] };
    this.hiddenSize = encoders[host].hiddenSize;
    const projector = {
      outputSize: encoders[host].widthAt(0),
      ...{ kind: config.projector, hiddenAct: config.projectorAct, bias: config.projectorBias },
    };
    const others = Object.entries(encoders).filter(([slot]) => slot !== host);
    this.projectors = Object.fromEntries(
      others.map(([slot, encoder]) => {
        const inputSize = takenWidth(encoder, this.#taken(slot), `tokens.${slot}`);
        return [slot, new Projector({ ...projector, inputSize })];
      }),
    );
  }

  /** @throws SampleError for a joint sequence that is longer than the host has positions for, and a value of which no token is left */
  override tokenCount(encoders: Encoders, features: Readonly<Record<string, Features>>): number {
    const encoder = encoders[this.host] as CausalEncoder;
    const others = Object.keys(this.projectors).filter((slot) => features[slot]);
    const counts = others.map((slot) => [slot, takenCount(encoders[slot], features[slot], this.#taken(slot), slot)]);
    const host = features[this.host];
    const kept = keptTokenCount(encoder, host, () => true);
    const own = kept > 0 || others.length > 0 ? kept : encoder.tokenCount(host); // see splice
    return requirePositions(encoder, this.host, { [this.host]: own, ...Object.fromEntries(counts) });
  }

  /** @throws ConfigError for positions that turn the more, the longer a row is: those of packed rows would be others */
  override checkPacking(encoders: Encoders): void {
    const { cacheSizes, maxPositionEmbeddings } = encoders[this.host] as CausalEncoder;
    const { lengthWithSamePositions: same } = cacheSizes;
    if (same(maxPositionEmbeddings) === same(1)) return;
    throw new ConfigError({
      where: 'packing',
      expected: 'positions that do not depend on how long a row is',
      received: `the encoder of "${this.host}", whose rotary positions are scaled by it`,
      hint: 'Leave packing out: batches by length levels have little padding as it is.',
    });
  }

  /** Its host's, which `beginSequence` packs. */
  override takesMixedLengths(slot: string): boolean {
    return slot === this.host;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoder = encoders[this.host] as CausalEncoder;
    const own = hostSequence(batch, this.host);
    const slots = Object.keys(encoders);
    const parts = this.#parts(encoders, batch, context);
    const { answers, segment, ...words } = own.features as Partial<Record<string, tf.Tensor2D>> & tf.NamedTensorMap;
    const mask = words.mask as tf.Tensor2D;
    const ids = hostIds(words.inputIds as tf.Tensor2D | undefined, mask);
    const host = { mask, ids, slot: slots.indexOf(this.host), answers, segment };
    const isAlone = parts.length === 0 && !words.placeSlot;
    const joint = isAlone ? undefined : this.#spliced(encoder, { ...own, features: words }, host, parts, context);
    const start = joint
      ? { features: { embeddings: joint.tokens, mask: joint.mask }, ...joint }
      : { features: words, ids, answers, segment };
    const prefixes = this.#prefixes;
    const { encoded, causal } = beginSequence(this.#layersOf(encoder), { ...start, prefixes }, context);
    const map = joint?.owner ?? tf.cast(tf.sub<tf.Tensor2D>(tf.mul(mask, 1 + host.slot), 1), 'int32');
    return { tokens: encoded.tokens, mask: joint?.mask ?? mask, pooled: encoded.pooled, owner: { map, slots }, causal };
  }

  /** What sequences begin behind. */
  get prefixes(): PrefixCache | undefined {
    return this.#prefixes;
  }

  /** See the function {@link cachePrefixes} of `@polymodal/generation`. */
  cachePrefixes(prefixes: PrefixCache | undefined): void {
    this.#prefixes?.clear();
    this.#prefixes = prefixes;
  }

  override dispose(): void {
    this.cachePrefixes(undefined);
    super.dispose();
  }

  /** What is spliced in, of the slots that a row of the batch has. */
  #parts(encoders: Encoders, { size, modalities }: Batch, context: Context): SplicePart[] {
    return Object.entries(this.projectors).flatMap(([slot, projector]) => {
      const input = modalities[slot];
      if (!input || input.rows.length === 0) return [];
      const { tokens, mask } = takenTokens(encoders[slot], input, this.#taken(slot), context);
      const projected = zeroPadding(projector.forward(zeroPadding(tokens, mask)), mask);
      return [
        {
          tokens: placeRows(projected, input.rows, size),
          mask: placeRows(mask, input.rows, size),
          values: input.features.valueMask?.shape[1] ?? 1,
          slot: Object.keys(encoders).indexOf(slot),
        },
      ];
    });
  }

  #taken(slot: string): TakenOptions {
    return this.#tokens[slot] ?? allTaken;
  }

  #spliced(
    encoder: CausalEncoder,
    own: ModalityBatch,
    host: Pick<SpliceHost, 'mask' | 'ids' | 'slot' | 'answers' | 'segment'>,
    parts: readonly SplicePart[],
    context: Context,
  ): Spliced {
    const { placeSlot, placeValue, ...features } = own.features as Places & tf.NamedTensorMap;
    const { tokens } = sequenceWords(this.#layersOf(encoder), { ...own, features }, context);
    return splice({ ...host, tokens, placeSlot, placeValue }, parts);
  }

  /** The same object for all batches of an encoder, by which decoders are kept that are compiled. */
  #layersOf(encoder: CausalEncoder): SequenceLayers {
    const mayBeginEmbedded = Object.keys(this.projectors).length > 0;
    const known = this.#layers.get(encoder) ?? layersAlone(encoder, { mayBeginEmbedded });
    this.#layers.set(encoder, known);
    return known;
  }
}

/** Where values stand among the tokens of a document. */
type Places = Partial<Readonly<Record<'placeSlot' | 'placeValue', tf.Tensor2D>>>;

/** @throws UnknownNameError, ConfigError for a slot that there is not, and for the one that others are spliced into */
function checkSpliced(named: readonly string[], encoders: Encoders, host: string): void {
  checkModalities(named, encoders, 'tokens');
  if (!named.includes(host)) return;
  throw new ConfigError({
    where: 'tokens',
    expected: `slots that are spliced into the sequence of "${host}"`,
    received: `"${host}" itself`,
  });
}

/** The fusion `decoder`. */
export const decoder = defineFusion({
  name: 'decoder',
  config: z.object({
    /** The slot whose sequence it is; by default the one whose encoder is causal. */
    host: z.string().min(1).optional(),
    /** What brings tokens of other slots to its width: a linear map, or two with an activation between them. */
    projector: z.enum(projectorKinds).default('mlp'),
    projectorAct: z.enum(activationNames).default('gelu'),
    projectorBias: z.boolean().default(true),
    /** By slot, which of its tokens are spliced in; all that its encoder finishes, unless told otherwise. */
    tokens: z.record(z.string(), takenOptions).default({}),
  }),
  create: ({ host, ...config }, { encoders }) =>
    new DecoderFusion({ ...config, host: causalHost(encoders, host) }, encoders),
  slots: { release: () => ({}) }, // what is spliced in is seen by all behind it: none comes in unnoticed
});
