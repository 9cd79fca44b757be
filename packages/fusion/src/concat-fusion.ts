import {
  type Batch,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  mapRecord,
  Parameter,
} from '@polymodal/core';
import { Linear, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AddedModalities, beside, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import type { Missing } from './modality-tokens';
import { ModalityVectors, vectorTokens, withTokenInEachRow } from './modality-vectors';
import { slotColumns } from './slot-columns';
import { requireNoStandIn } from './stand-ins';
import { vectorSlots } from './vector-slots';

const options = z.object({
  ...vectorOptions.shape,
  /** What stands for an absent modality: `mask` zeros, `embedding` a learned vector. */
  missing: z.enum(['mask', 'embedding']).default('mask'),
});

/** Sizes and choices of a {@link ConcatFusion}. */
export interface ConcatFusionConfig extends VectorConfig {
  readonly missing: Missing;
}

/**
 * Late fusion by concatenation: the pooled representations side by side, with a stand-in for each that is absent,
 * through a multilayer perceptron.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'concat', missing: 'embedding' },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class ConcatFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  override readonly keepsTokens = false;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  /** (1, D) of each modality. */
  readonly missingEmbeddings: Readonly<Record<string, Parameter<tf.Rank.R2>>> | undefined;
  readonly join: Linear;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: ConcatFusionConfig, encoders: Encoders) {
    super();
    const { hiddenSize } = config;
    const joined = encodersBeside(config.added, encoders, 'fusion.added');
    const modalities = Object.keys(joined);
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'encoded', 'owner');
    this.vectors = new ModalityVectors(joined, hiddenSize);
    if (config.missing === 'embedding') {
      this.missingEmbeddings = Object.fromEntries(
        modalities.map((modality) => [modality, new Parameter([1, hiddenSize], truncatedNormal(0.02))]),
      );
    }
    this.join = new Linear(modalities.length * hiddenSize, hiddenSize);
    this.added = new AddedModalities(config.added, encoders, hiddenSize);
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const placed = this.vectors.forward(encoded, batch.size);
    const parts = Object.keys(this.vectors.projections).map((modality) => {
      const vectors = placed.vectors[modality] ?? tf.zeros([batch.size, this.hiddenSize]);
      const missing = this.missingEmbeddings?.[modality].value;
      if (!missing) return vectors;
      const absent = Float32Array.from({ length: batch.size }, (_, row) => 1 - (placed.present[modality]?.[row] ?? 0));
      return tf.add(vectors, tf.mul(tf.tensor2d(absent, [batch.size, 1]), missing)) as tf.Tensor2D;
    });
    const joint = this.added.forward(this.join.forward(tf.concat(parts, 1)), encoded); // (B, M · D) → (B, D)
    return {
      ...withTokenInEachRow(vectorTokens(placed, Object.keys(encoders)), placed, joint),
      ...this.added.gates(encoded, batch.size),
      pooled: this.mlp.forward(joint, context),
      encoded,
    };
  }
}

/** The fusion `concat`. */
export const concat = defineFusion({
  name: 'concat',
  config: options,
  create: (config, setup) => new ConcatFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
  slots: {
    ...vectorSlots,
    release(config, slot) {
      if (!config.added.includes(slot)) requireNoStandIn(config.missing, slot);
      return vectorSlots.release(config, slot);
    },
    carry: (path, _, former, { kind, before, after, options }) => {
      if (path !== 'join.weight' || kind !== 'removed') return undefined;
      const [width] = former.get('join.bias')!.shape;
      const widths = (encoders: Encoders) => mapRecord(beside(options.added, encoders), () => width);
      return slotColumns(former.get(path)!, widths(before), widths(after));
    },
  },
});
