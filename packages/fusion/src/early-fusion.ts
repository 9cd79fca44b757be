import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  mapRecord,
  type Sequence,
  withTokens,
} from '@polymodal/core';
import { positionsFromMask, resolveTransformerConfig, sinusoidsAt } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModalities } from './check-modalities';
import { jointSlots } from './joint-slots';
import { JointTransformer, type JointTransformerConfig, jointOptions, reportUsage } from './joint-transformer';
import { presentModalities } from './present-modalities';

const options = z.object({
  ...jointOptions,
  /**
   * Modalities whose encoders tell no positions when they embed: those with rotary positions, which only their own layers know, and
   * such as have none. Sinusoids are added to their tokens.
   */
  positions: z.array(z.string()).readonly().default([]),
  reportUsage,
});

/** Sizes and choices of an {@link EarlyFusion}. */
export interface EarlyFusionConfig extends JointTransformerConfig {
  readonly positions: readonly string[];
}

/**
 * Early fusion: one Transformer over the embedded tokens of every modality (patches, subwords, frames) from its first layer on, as in
 * ViLT (Kim et al. 2021, section 3.1). The encoders embed, with the positions that they have, and their own layers are not run.
 *
 * Fused tokens and the pooled representation are as in `MaskedTransformer`; there is nothing that an encoder made alone.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: {
 *     photo: { use: 'vit', imageSize: 32, patchSize: 8, numHiddenLayers: 1 }, // one is the least; it is not run
 *     note: { use: 'transformer', numHiddenLayers: 1 },
 *   },
 *   fusion: { use: 'early', numHiddenLayers: 6 },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws UnknownNameError for an option that names a modality without an encoder
 */
export class EarlyFusion extends JointTransformer {
  override readonly offers: readonly FusedPart[];
  readonly #positions: readonly string[];

  constructor(config: EarlyFusionConfig, encoders: Encoders) {
    checkModalities(config.positions, encoders, 'fusion.positions');
    for (const slot of config.positions) checkEven(encoders[slot].widthAt(0), slot);
    super(
      config,
      encoders,
      mapRecord(encoders, (encoder) => encoder.widthAt(0)),
    );
    this.offers = [
      'owner',
      ...(config.gate.length > 0 ? (['gates'] as const) : []),
      ...(config.reportUsage ? (['usage'] as const) : []),
    ];
    this.#positions = config.positions;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const embedded = mapRecord(presentModalities(encoders, batch), (input, slot) => {
      const sequence: Sequence = encoders[slot].embed(input, context);
      return this.#positions.includes(slot) ? withPositions(sequence) : sequence;
    });
    return this.join(this.place(embedded, batch.size), batch.size, context);
  }
}

/** The fusion `early`. */
export const early = defineFusion({
  name: 'early',
  config: options,
  create: (config, setup) =>
    new EarlyFusion({ ...config, ...resolveTransformerConfig(config, setup.hiddenSize) }, setup.encoders),
  slots: {
    ...jointSlots,
    release: (config, slot) => ({
      ...jointSlots.release(config, slot),
      positions: config.positions.filter((other) => other !== slot),
    }),
  },
});

/** Sinusoids by the place of each token among those of its row that take part. */
function withPositions(sequence: Sequence): Sequence {
  const { tokens, mask } = sequence;
  return withTokens(sequence, tf.add(tokens, sinusoidsAt(positionsFromMask(mask), tokens.shape[2])));
}

function checkEven(width: number, slot: string): void {
  if (width % 2 === 0) return;
  throw new ConfigError({
    where: 'fusion.positions',
    expected: 'encoders whose tokens have an even width, for sinusoids',
    received: `"${slot}", of width ${width}`,
  });
}
