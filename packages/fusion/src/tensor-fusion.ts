import {
  type Batch,
  ConfigError,
  type Context,
  defineFusion,
  type Encoders,
  type Fused,
  type FusedPart,
  Fusion,
  type NamedTensor,
} from '@polymodal/core';
import { Linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AddedModalities, beside, encodersBeside, offeredWith } from './added-modalities';
import { encodeModalities } from './encode-modalities';
import { JointMlp } from './joint-mlp';
import { resolveMlpConfig, type VectorConfig, vectorOptions } from './mlp-options';
import { ModalityVectors } from './modality-vectors';
import { singleToken } from './single-token';
import { vectorSlots } from './vector-slots';

/** How many products a row may have: beyond, `low-rank` gives as much for less. */
const mostProducts = 65536;

const options = z.object({
  ...vectorOptions.shape,
  /** Width k of the vector that each of M modalities enters with: a row has (1 + k)^M products. */
  vectorSize: z.int().positive().default(8),
});

/** Sizes and choices of a {@link TensorFusion}. */
export interface TensorFusionConfig extends VectorConfig {
  readonly vectorSize: number;
}

/**
 * Late fusion by products of all modalities (tensor fusion network, Zadeh et al. 2017, eq. 1 and 2):
 *
 *     h = W ([1; h_1] ⊗ … ⊗ [1; h_M]) + b
 *
 * h_m is the pooled representation, brought to k numbers; 0 where a row lacks it, so that just the products without it are left. Its
 * size grows as (1 + k)^M, and is refused beyond 65,536. A multilayer perceptron follows.
 *
 * ```ts
 * const config = defineConfig(registry, {
 *   hiddenSize: 64,
 *   encoders: { photo: { use: 'vit', imageSize: 32, patchSize: 8 }, note: { use: 'transformer' } },
 *   fusion: { use: 'tensor', vectorSize: 16, numHiddenLayers: 1 },
 *   heads: { ripe: { use: 'classification', labels: ['ripe', 'unripe'] } },
 * });
 * ```
 *
 * @throws ConfigError for more products
 */
export class TensorFusion extends Fusion {
  override readonly offers: readonly FusedPart[];
  override readonly readsTokens = false;
  readonly hiddenSize: number;
  readonly vectors: ModalityVectors;
  /** W and b, over the products, of which those with the last modality's next numbers are next to one another. */
  readonly join: Linear;
  readonly added: AddedModalities;
  readonly mlp: JointMlp;

  constructor(config: TensorFusionConfig, encoders: Encoders) {
    super();
    const { hiddenSize, vectorSize } = config;
    this.hiddenSize = hiddenSize;
    this.offers = offeredWith(config.added, 'encoded');
    const multiplied = encodersBeside(config.added, encoders, 'fusion.added');
    const products = checkProducts(vectorSize, Object.keys(multiplied).length);
    this.vectors = new ModalityVectors(multiplied, vectorSize);
    this.join = new Linear(products, hiddenSize);
    this.added = new AddedModalities(config.added, encoders, hiddenSize);
    this.mlp = new JointMlp(config);
  }

  override encodesWhole(): boolean {
    return true;
  }

  forward(encoders: Encoders, batch: Batch, context: Context): Fused {
    const { size } = batch;
    const encoded = encodeModalities(encoders, batch, context);
    const { vectors } = this.vectors.forward(encoded, size);
    let products = tf.ones<tf.Rank.R2>([size, 1]);
    for (const [slot, { outputSize }] of Object.entries(this.vectors.projections)) {
      const own = vectors[slot] ?? tf.zeros<tf.Rank.R2>([size, outputSize]);
      const withOne = tf.concat([tf.ones<tf.Rank.R2>([size, 1]), own], 1); // (B, 1 + k)
      const outer = tf.mul(tf.expandDims(products, 2), tf.expandDims(withOne, 1));
      products = tf.reshape(outer, [size, products.shape[1] * withOne.shape[1]]);
    }
    const pooled = this.mlp.forward(this.added.forward(this.join.forward(products), encoded), context);
    return { ...singleToken(pooled), encoded, ...this.added.gates(encoded, size) };
  }
}

/** The fusion `tensor`. */
export const tensor = defineFusion({
  name: 'tensor',
  config: options,
  create: (config, { hiddenSize, encoders }) => new TensorFusion(resolveMlpConfig(config, hiddenSize), encoders),
  slots: {
    ...vectorSlots,
    carry: (path, _, former, { kind, slot, before, options }) => {
      const place = Object.keys(beside(options.added, before)).indexOf(slot);
      if (path !== 'join.weight' || kind !== 'removed' || place < 0) return undefined;
      const behind = Object.keys(beside(options.added, before)).length - 1 - place;
      return productsWithout(former.get(path)!, 1 + options.vectorSize, behind);
    },
  },
});

/**
 * The weights of the products without one modality: those in which it enters with its 1.
 *
 * @param base   1 + k
 * @param behind how many modalities come after it
 */
function productsWithout({ shape: [rows, products], data }: NamedTensor, base: number, behind: number): Float32Array {
  const columns = Array.from({ length: products }, (_, column) => column).filter(
    (column) => Math.floor(column / base ** behind) % base === 0,
  );
  return Float32Array.from({ length: rows * columns.length }, (_, index) => {
    const row = Math.floor(index / columns.length);
    return data[row * products + columns[index % columns.length]];
  });
}

function checkProducts(vectorSize: number, modalities: number): number {
  const products = (1 + vectorSize) ** modalities;
  if (products <= mostProducts) return products;
  const most = Math.floor(mostProducts ** (1 / modalities) + 1e-9) - 1;
  throw new ConfigError({
    where: 'fusion.vectorSize',
    expected: `(1 + vectorSize)^${modalities} to be at most ${mostProducts} products of ${modalities} modalities`,
    received: `${vectorSize}, which makes ${products}`,
    hint: `${most > 0 ? `Take ${most} or less, or` : 'Take'} the fusion "low-rank", whose cost grows with the number of modalities only.`,
  });
}
