import {
  type Batch,
  type Context,
  defineFusion,
  type EncodedTokens,
  type Encoders,
  type Fused,
  type FusedPart,
  mapRecord,
} from '@polymodal/core';
import { resolveTransformerConfig } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { beside, encodersBeside } from './added-modalities';
import { attendedModalities, attendsOption, attendsWithout } from './attended-modalities';
import { CrossModalExchange, type ExchangeConfig } from './cross-modal-exchange';
import { jointSlots } from './joint-slots';
import { JointTransformer, type JointTransformerConfig, jointOptions } from './joint-transformer';
import { ModalityFeedForward } from './modality-feed-forward';
import { afterLayers, chosenSteps, requireSameSteps, runEncodersBeside } from './run-encoders';

const options = z.object({
  ...jointOptions,
  /** First level: whether tokens attend to those of other modalities between the layers of encoders. */
  crossAttention: z.boolean().default(true),
  /** There: which modalities attend to which. Each to all others by default. */
  attends: attendsOption,
  /** There: after which layers of the deepest encoder, from 1; other encoders in proportion. The lower half by default. */
  after: afterLayers,
  /** Second level: whether gates of each modality weigh what the feed-forward networks of the joint Transformer add. */
  gates: z.boolean().default(true),
  /** Second level: whether each modality has a feed-forward network of its own beside the shared one (mixture of experts). */
  experts: z.boolean().default(false),
});

/** Sizes and choices of a {@link HierarchicalFusion}. */
export interface HierarchicalConfig extends Omit<JointTransformerConfig, 'reportUsage'> {
  readonly crossAttention: boolean;
  readonly attends?: ExchangeConfig['attends'] | undefined;
  readonly after?: readonly number[] | undefined;
  readonly gates: boolean;
  readonly experts: boolean;
}

/**
 * Fusion at several levels of one model. Tokens attend to those of other modalities in shallow layers of the encoders, through gates; a
 * joint Transformer runs over what comes of it, in which modalities have gates and experts within the feed-forward networks. What is
 * predicted across modalities on top (which belong together, say) are heads.
 *
 * Each level may be left out, and begins as nothing: with the same values elsewhere, the model is at first `masked-transformer`, so
 * that levels may be added to a trained one. With `crossAttention` nothing is left that an encoder made alone, and `encoded` is not offered. With
 * `gates`, `usage` has how far they are open in each layer, the mean over a modality's tokens; a half is where they begin.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'hierarchical', numHiddenLayers: 2, experts: true },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws UnknownNameError for an option that names a modality without an encoder; ConfigError for steps that there are not, and for
 *     heads that do not divide the width of an encoder
 */
export class HierarchicalFusion extends JointTransformer {
  override readonly offers: readonly FusedPart[];
  /** One for each step between the layers of encoders. */
  readonly exchanges: readonly CrossModalExchange[];
  /** One for each layer of the joint Transformer. */
  readonly feedForwards: readonly ModalityFeedForward[];
  readonly #steps: readonly number[];

  constructor(config: HierarchicalConfig, encoders: Encoders) {
    super(
      { ...config, reportUsage: false },
      encoders,
      mapRecord(encoders, (encoder) => encoder.hiddenSize),
    );
    const { crossAttention, gates, experts } = config;
    const open = encodersBeside(config.gate, encoders, 'fusion.gate');
    this.offers = [
      'owner',
      ...(crossAttention ? [] : (['encoded'] as const)),
      ...(config.gate.length > 0 ? (['gates'] as const) : []),
      ...(gates ? (['usage'] as const) : []),
    ];
    this.#steps = crossAttention ? chosenSteps(config.after, open, 'lower') : [];
    this.exchanges = this.#steps.map((step) => {
      const attends = attendedModalities(config.attends, config, open);
      return new CrossModalExchange({ ...config, attends, gate: true }, open, step);
    });
    this.feedForwards =
      gates || experts ? this.layers.map(() => new ModalityFeedForward(config, Object.keys(open))) : [];
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = this.#encode(encoders, batch, context);
    const placed = this.place(encoded, batch.size);
    const open: Record<string, tf.Tensor2D>[] = [];
    const fused = this.join(placed, batch.size, context, (index, joint) => {
      const own = this.feedForwards[index];
      if (!own) return this.runLayer(index, joint, context);
      const { tokens, mask, bias, parts } = joint;
      const layer = this.layers[index];
      const lengths = mapRecord(parts, (part) => part.shape[1]);
      const attend = (x: tf.Tensor3D) => layer.attention.forward(x, x, mask, context, bias);
      return layer.forwardWith(tokens, attend, context, (x) => {
        const shared = (all: tf.Tensor3D) => layer.feedForward.forward(all, context);
        const fed = own.forward(x, shared, lengths, context);
        open.push(fed.open);
        return fed.output;
      });
    });
    return {
      ...fused,
      ...(this.exchanges.length === 0 && { encoded }),
      ...(this.offers.includes('usage') && {
        usage: mapRecord(beside(Object.keys(this.gates), encoded), (_, slot) => meanOpen(open, slot, placed[slot].own)),
      }),
    };
  }

  #encode(encoders: Encoders, batch: Batch, context: Context): Record<string, EncodedTokens> {
    return runEncodersBeside(Object.keys(this.gates), encoders, batch, context, (step, sequences) => {
      const index = this.#steps.indexOf(step);
      if (index < 0) return sequences;
      const exchange = this.exchanges[index];
      return exchange.forward(sequences, batch.size, this.interactions, `exchanges.${index}`, context).sequences;
    });
  }
}

/** The fusion `hierarchical`. */
export const hierarchical = defineFusion({
  name: 'hierarchical',
  config: options,
  create: (config, setup) =>
    new HierarchicalFusion({ ...config, ...resolveTransformerConfig(config, setup.hiddenSize) }, setup.encoders),
  slots: {
    ...jointSlots,
    release: (config, slot, others) => ({
      ...jointSlots.release(config, slot),
      ...(config.attends && { attends: attendsWithout(config.attends, slot) }),
      crossAttention: config.crossAttention && others.filter((other) => !config.gate.includes(other)).length > 1, // it takes two
    }),
    check({ options, ...change }) {
      const open = (encoders: Encoders) => beside(options.gate, encoders);
      if (options.crossAttention && Object.keys(open(change.after)).length > 1) requireSameSteps(change, open);
    },
  },
});

/**
 * (B, L): how far a modality's gates are open in each layer, the mean over its tokens; 0 in rows that lack it.
 *
 * @param own (B, n), 1 = came from the modality
 */
function meanOpen(open: readonly Readonly<Record<string, tf.Tensor2D>>[], slot: string, own: tf.Tensor2D): tf.Tensor2D {
  const count = tf.maximum(tf.sum(own, 1, true), 1); // (B, 1)
  const means = open.map((layer) => tf.div<tf.Tensor2D>(tf.sum(tf.mul(layer[slot], own), 1, true), count));
  return tf.concat(means, 1);
}
