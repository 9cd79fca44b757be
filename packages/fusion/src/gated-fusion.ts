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
import { Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { AddedModalities, beside, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { ModalityVectors, presence, vectorTokens, withTokenInEachRow } from './modality-vectors';
import { placePooled } from './place-pooled';
import { slotColumns } from './slot-columns';
import { vectorSlots } from './vector-slots';

/**
 * Late fusion by a gated multimodal unit (Arevalo et al. 2017, section 3.1, figure 2a), for any number of modalities:
 *
 *     h_m = tanh(W_m x_m)    z_m = σ(V_m [x_1; …; x_M])    h = Σ z_m ∘ h_m
 *
 * x_m are the pooled representations, 0 for those that a row lacks, which have no part in the sum. So each number of h is drawn from
 * modalities as all of them together say: `usage` has the gates z. A multilayer perceptron follows, as after `concat` and `mean`.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'gated', numHiddenLayers: 1 },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 */
export class GatedFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  override readonly keepsTokens = false;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  /** V_m, with a bias. */
  readonly gates: Readonly<Record<string, Linear>>;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: VectorConfig, encoders: Encoders) {
    super();
    const { hiddenSize } = config;
    const joined = encodersBeside(config.added, encoders, 'fusion.added');
    const width = Object.values(joined).reduce((sum, { pooledSize }) => sum + pooledSize, 0);
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'encoded', 'owner', 'usage');
    this.vectors = new ModalityVectors(joined, hiddenSize);
    this.added = new AddedModalities(config.added, encoders, hiddenSize);
    this.gates = mapRecord(joined, () => new Linear(width, hiddenSize));
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const encoded = encodeModalities(encoders, batch, context);
    const joined = beside(this.added.slots, encoders);
    const all = tf.concat(Object.values(placePooled(joined, encoded, batch.size)), 1); // (B, ΣE)
    const placed = this.vectors.forward(encoded, batch.size);
    const { vectors, present } = placed;
    const usage = mapRecord(present, (rows, slot) =>
      tf.mul<tf.Tensor2D>(tf.sigmoid(this.gates[slot].forward(all)), presence(rows)),
    );
    const gated = mapRecord(vectors, (vector, slot) => tf.mul<tf.Tensor2D>(usage[slot], tf.tanh(vector)));
    const tokens = vectorTokens({ ...placed, vectors: gated }, Object.keys(encoders));
    const joint = this.added.forward(tf.sum<tf.Tensor2D>(tokens.tokens, 1), encoded); // (B, D)
    return {
      ...withTokenInEachRow(tokens, placed, joint),
      ...this.added.gates(encoded, batch.size),
      pooled: this.mlp.forward(joint, context),
      encoded,
      usage,
    };
  }
}

/** The fusion `gated`. */
export const gated = defineFusion({
  name: 'gated',
  config: vectorOptions,
  create: (config, setup) => new GatedFusion(resolveMlpConfig(config, setup.hiddenSize), setup.encoders),
  slots: {
    ...vectorSlots,
    carry: (path, shape, former, { before, after, options }) => {
      const matrix = former.get(path)!;
      if (!/^gates\.[\w-]+\.weight$/.test(path) || matrix.shape[1] === shape[1]) return undefined;
      const widths = (encoders: Encoders) => mapRecord(beside(options.added, encoders), ({ pooledSize }) => pooledSize);
      return slotColumns(matrix, widths(before), widths(after));
    },
  },
});
