import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  mapRecord,
} from '@polymodal/core';
import { transformerOptions } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { addedOption, beside, encodersBeside, offeredWith } from './added-modalities';
import { attendedModalities, attendsOption, attendsWithout } from './attended-modalities';
import { betweenLayersSlots } from './between-layers-slots';
import { CrossModalExchange, type ExchangeConfig } from './cross-modal-exchange';
import { carriedInteractions, interactionsWithout } from './interaction-slots';
import { type InteractionsConfig, interactionOptions, ModalityInteractions } from './modality-interactions';
import { afterLayers, chosenSteps, runEncodersBeside } from './run-encoders';
import { SideBySide } from './side-by-side';

const { numAttentionHeads, hiddenAct, hiddenDropout, attentionDropout, layerNormEps } = transformerOptions;

const options = z.object({
  numAttentionHeads,
  hiddenAct,
  hiddenDropout,
  attentionDropout,
  layerNormEps,
  ...interactionOptions,
  /** Which modalities attend to which: `{ text: ['image'] }`. Each to all others by default (co-attention). */
  attends: attendsOption,
  /** After which layers of the deepest encoder they do, from 1; other encoders in proportion. The upper half by default. */
  after: afterLayers,
  /** Whether what is heard comes in through gates that are shut at first, so that pretrained encoders begin as they are. */
  gate: z.boolean().default(false),
  /** Whether to tell how much of each modality the others attend to, as `usage`. It costs the logits a second time. */
  reportUsage: z.boolean().default(false),
  added: addedOption,
});

/** Sizes and choices of a {@link CrossAttentionFusion}. */
export interface CrossAttentionConfig extends Omit<ExchangeConfig, 'attends'>, InteractionsConfig {
  readonly layerNormEps: number;
  readonly attends?: ExchangeConfig['attends'] | undefined;
  readonly after?: readonly number[] | undefined;
  readonly reportUsage: boolean;
  readonly added: readonly string[];
}

/**
 * Mid fusion by cross-attention: between the layers of the encoders, tokens of one modality attend to those of others. With all pairs
 * this is the co-attention of ViLBERT (Lu et al. 2019, section 2.2) and the cross-modality encoder of LXMERT (Tan and Bansal 2019, section
 * 2.2), for any number of modalities: those that a row lacks are left out, and a modality alone passes as it is.
 *
 * `usage` has, for each step and in it each modality that attends, in the order of the encoders, which share of it went to the slot.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'cross-attention', attends: { note: ['photo'] }, after: [2, 4] },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws UnknownNameError for an option that names a modality without an encoder; ConfigError where none attends to another, for steps
 *     that there are not, and for heads that do not divide the width of an encoder
 */
export class CrossAttentionFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  readonly hiddenSize: number;
  readonly interactions: ModalityInteractions;
  /** One for each step at which modalities meet. */
  readonly exchanges: readonly CrossModalExchange[];
  readonly join: SideBySide;
  readonly #attending: readonly string[];
  readonly #steps: readonly number[];

  constructor(config: CrossAttentionConfig, encoders: Encoders) {
    super();
    const meeting = encodersBeside(config.added, encoders, 'fusion.added');
    const attends = attendedModalities(config.attends, config, meeting);
    this.hiddenSize = config.hiddenSize;
    this.offers = offeredWith(config.added, 'owner', ...(config.reportUsage ? (['usage'] as const) : []));
    this.#attending = Object.keys(attends);
    this.#steps = chosenSteps(config.after, meeting, 'upper');
    this.interactions = new ModalityInteractions(config, meeting);
    this.exchanges = this.#steps.map((step) => new CrossModalExchange({ ...config, attends }, meeting, step));
    this.join = new SideBySide(encoders, config);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const used: Readonly<Record<string, tf.Tensor2D>>[] = [];
    const added = this.join.added.slots;
    const finished = runEncodersBeside(added, encoders, batch, context, (step, sequences) => {
      const exchange = this.#steps.indexOf(step);
      if (exchange < 0) return sequences;
      const place = `exchanges.${exchange}`;
      const met = this.exchanges[exchange].forward(sequences, batch.size, this.interactions, place, context);
      if (this.offers.includes('usage')) used.push(met.usage());
      return met.sequences;
    });
    const fused = this.join.forward(finished, batch.size);
    if (!this.offers.includes('usage')) return fused;
    const slots = Object.keys(beside(added, encoders));
    const usage = mapRecord(beside(added, finished), (_, slot) => this.#usageOf(slots.indexOf(slot), used, batch.size));
    return { ...fused, usage };
  }

  /** (B, L): of a modality, by step and attending modality. */
  #usageOf(index: number, used: readonly Readonly<Record<string, tf.Tensor2D>>[], size: number): tf.Tensor2D {
    const shares = used.flatMap((step) =>
      this.#attending.map((query) =>
        step[query] ? tf.slice(step[query], [0, index], [size, 1]) : tf.zeros<tf.Rank.R2>([size, 1]),
      ),
    );
    return tf.concat(shares, 1);
  }
}

/** The fusion `cross-attention`. */
export const crossAttention = defineFusion({
  name: 'cross-attention',
  config: options,
  create: (config, { hiddenSize, encoders }) => new CrossAttentionFusion({ ...config, hiddenSize }, encoders),
  slots: {
    ...betweenLayersSlots,
    release: (config, slot) => ({
      ...betweenLayersSlots.release(config, slot),
      ...interactionsWithout(config, slot),
      ...(config.attends && { attends: attendsWithout(config.attends, slot) }),
    }),
    carry: (path, _, former, change) =>
      carriedInteractions(path, former, change, (encoders) => beside(change.options.added, encoders)),
  },
});
