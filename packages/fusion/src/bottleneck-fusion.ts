import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  Module,
  mapRecord,
  Parameter,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import {
  Linear,
  placeRows,
  repeatRows,
  TransformerLayer,
  type TransformerLayerConfig,
  takeRows,
  transformerOptions,
  truncatedNormal,
  zeroPadding,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { addedOption, encodersBeside, offeredWith } from './added-modalities';
import { betweenLayersSlots } from './between-layers-slots';
import { type BottleneckLook, BottleneckReach } from './bottleneck-reach';
import { afterLayers, chosenSteps, runEncodersBeside, type Sequences, widthAfter } from './run-encoders';
import { SideBySide } from './side-by-side';

const { numAttentionHeads, hiddenAct, hiddenDropout, attentionDropout, layerNormEps } = transformerOptions;

const options = z.object({
  numAttentionHeads,
  hiddenAct,
  hiddenDropout,
  attentionDropout,
  layerNormEps,
  /** How many tokens all that modalities tell each other goes through. */
  numBottlenecks: z.int().positive().max(1024).default(4),
  /** After which layers of the deepest encoder they do, from 1; other encoders in proportion. The upper half by default. */
  after: afterLayers,
  added: addedOption,
});

/** Sizes and choices of a {@link BottleneckFusion}. */
export interface BottleneckConfig extends Omit<TransformerLayerConfig, 'intermediateSize' | 'dropPath'> {
  readonly layerNormEps: number;
  readonly numBottlenecks: number;
  readonly after?: readonly number[] | undefined;
  readonly added: readonly string[];
}

/**
 * Mid fusion through bottlenecks (MBT, Nagrani et al. 2021, eq. 8 and 9): a few tokens that all modalities share. Between the layers
 * of the encoders, each modality m has a layer of its own over its tokens z and the bottlenecks b, and these become the mean of what
 * the modalities that a row has make of them:
 *
 *     [z_m; b_m] ← Layer_m([z_m; b])    b ← mean of b_m
 *
 * In the paper these are the layers of the encoders themselves. Here they are added after the chosen ones, since an encoder of
 * whatever kind takes in its own layers only the tokens that it embedded.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'bottleneck', numBottlenecks: 4, after: [3, 4] },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws ConfigError for fewer than two steps at which modalities meet, and for heads that do not divide the width of an encoder
 */
export class BottleneckFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  readonly hiddenSize: number;
  /** (1, L, D) */
  readonly bottlenecks: Parameter<tf.Rank.R3>;
  /** Of each step at which modalities meet, by slot. */
  readonly exchanges: readonly Readonly<Record<string, BottleneckLayer>>[];
  readonly join: SideBySide;
  readonly #steps: readonly number[];

  constructor(config: BottleneckConfig, encoders: Encoders) {
    super();
    const { hiddenSize, numBottlenecks } = config;
    const meeting = encodersBeside(config.added, encoders, 'fusion.added');
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'owner');
    this.#steps = requireTwo(chosenSteps(config.after, meeting, 'upper'));
    this.bottlenecks = new Parameter([1, numBottlenecks, hiddenSize], truncatedNormal(0.02));
    this.exchanges = this.#steps.map((step, index) =>
      mapRecord(
        meeting,
        (encoder) => new BottleneckLayer(config, widthAfter(encoder, step, meeting), this.#isLast(index)),
      ),
    );
    this.join = new SideBySide(encoders, config);
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    let shared = repeatRows(this.bottlenecks.value, batch.size); // (B, L, D)
    const reach = context.tellAttention && new BottleneckReach(context.tellAttention, batch.size);
    const added = this.join.added.slots;
    const finished = runEncodersBeside(added, encoders, batch, context, (step, sequences) => {
      const exchange = this.#steps.indexOf(step);
      if (exchange < 0) return sequences;
      reach?.exchange(`exchanges.${exchange}`, this.#looks(exchange, sequences, shared), this.#isLast(exchange));
      const met = this.#meet(exchange, sequences, shared, context);
      shared = met.shared;
      return met.sequences;
    });
    return this.join.forward(finished, batch.size);
  }

  #isLast(exchange: number): boolean {
    return exchange === this.#steps.length - 1;
  }

  /** How each modality attends in an exchange. */
  #looks(exchange: number, sequences: Sequences, shared: tf.Tensor3D): Record<string, BottleneckLook> {
    return mapRecord(sequences, (tokens, slot) => ({
      weights: this.exchanges[exchange][slot].weights(tokens, takeRows(shared, tokens.rows)),
      mask: tokens.mask,
      rows: tokens.rows,
    }));
  }

  #meet(exchange: number, sequences: Sequences, shared: tf.Tensor3D, context: Context) {
    const [size] = shared.shape;
    const after: Record<string, Tokens> = {};
    const told: tf.Tensor3D[] = [];
    const tellers: tf.Tensor3D[] = [];
    for (const [slot, tokens] of Object.entries(sequences)) {
      const { rows } = tokens;
      const layer = this.exchanges[exchange][slot];
      const { own, bottlenecks } = layer.forward(tokens, takeRows(shared, rows), context);
      after[slot] = withTokens(tokens, own);
      if (!bottlenecks) continue;
      told.push(placeRows(bottlenecks, rows, size));
      tellers.push(placeRows(tf.ones<tf.Rank.R3>([rows.length, 1, 1]), rows, size));
    }
    const mean = told.length > 0 ? tf.div<tf.Tensor3D>(tf.addN(told), tf.addN(tellers)) : shared; // each row has a modality
    return { sequences: after, shared: mean };
  }
}

/** The layer of one modality over its tokens and the bottlenecks, whose width may be another: linear maps lead in and out. */
class BottleneckLayer extends Module {
  readonly enter: Linear;
  readonly layer: TransformerLayer;
  /** Not of the last, whose bottlenecks nobody reads. */
  readonly leave: Linear | undefined;

  constructor(config: BottleneckConfig, width: number, isLast: boolean) {
    super();
    this.enter = new Linear(config.hiddenSize, width);
    this.layer = new TransformerLayer({ ...config, hiddenSize: width, intermediateSize: 4 * width });
    if (!isLast) this.leave = new Linear(width, config.hiddenSize);
  }

  /**
   * @param tokens      (P, N, E)
   * @param bottlenecks (P, L, D)
   */
  forward(tokens: Tokens, bottlenecks: tf.Tensor3D, context: Context) {
    const [rows, length, width] = tokens.tokens.shape;
    const count = bottlenecks.shape[1];
    const joint = this.#joint(tokens, bottlenecks);
    const output = this.layer.forward(joint.tokens, joint.mask, context);
    const own = tf.slice(output, [0, 0, 0], [rows, length, width]);
    return { own, bottlenecks: this.leave?.forward(tf.slice(output, [0, length, 0], [rows, count, width])) };
  }

  /** How much each of the tokens, and of the bottlenecks behind them, attends to each, by head: (P, H, N + L, N + L). */
  weights(tokens: Tokens, bottlenecks: tf.Tensor3D): tf.Tensor4D {
    const { attention, norm1 } = this.layer;
    const joint = this.#joint(tokens, bottlenecks);
    const normed = norm1.forward(joint.tokens);
    return attention.weights(normed, normed, joint.mask);
  }

  /** (P, N + L, E) */
  #joint({ tokens, mask }: Tokens, bottlenecks: tf.Tensor3D): { tokens: tf.Tensor3D; mask: tf.Tensor2D } {
    const [rows, count] = bottlenecks.shape;
    return {
      tokens: tf.concat([zeroPadding(tokens, mask), this.enter.forward(bottlenecks)], 1),
      mask: tf.concat([mask, tf.ones<tf.Rank.R2>([rows, count])], 1),
    };
  }
}

/** What a modality tells at one step, others hear at the next. */
function requireTwo(steps: readonly number[]): readonly number[] {
  if (steps.length > 1) return steps;
  throw new ConfigError({
    where: 'fusion.after',
    expected: 'two layers at least: what a modality tells after one, others hear after the next',
    received: `${steps.length}`,
    hint: 'Encoders with one layer have one place for it: give them more, or take another fusion.',
  });
}

/** The fusion `bottleneck`. */
export const bottleneck = defineFusion({
  name: 'bottleneck',
  config: options,
  create: (config, { hiddenSize, encoders }) => new BottleneckFusion({ ...config, hiddenSize }, encoders),
  slots: betweenLayersSlots,
});
