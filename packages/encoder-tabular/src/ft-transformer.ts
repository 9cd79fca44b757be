import {
  type Context,
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  Parameter,
  type Tokens,
  withTokens,
} from '@polymodal/core';
import { checkHeads, LayerNorm, repeatRows, uniform } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { CellsFeatures, CellsRow } from './cells-processor';
import type { Field } from './columns/column';
import { FieldEmbeddings } from './embeddings/field-embeddings';
import { LinearEmbeddings } from './embeddings/linear-embeddings';
import { FtTransformerLayer, type FtTransformerLayerConfig } from './ft-transformer-layer';
import { rowProcessor } from './row-processor';

const rate = z.number().min(0).lt(1);

const options = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  numHiddenLayers: z.int().positive().default(3),
  /** A divisor of hiddenSize. */
  numAttentionHeads: z.int().positive().default(8),
  /** Width of the feed-forward networks; 4/3 · hiddenSize if left out. */
  intermediateSize: z.int().positive().optional(),
  /** Rate of dropout on attention weights. */
  attentionDropout: rate.default(0.2),
  /** Rate of dropout within the feed-forward networks. */
  activationDropout: rate.default(0.1),
  /** Rate of dropout on what each branch adds. */
  hiddenDropout: rate.default(0),
  layerNormEps: z.number().positive().default(1e-5),
});

/** Everything that an {@link FtTransformer} is made from. */
export interface FtTransformerConfig extends FtTransformerLayerConfig {
  readonly numHiddenLayers: number;
  /** What the elements of its features are. */
  readonly fields: readonly Field[];
}

/**
 * FT-Transformer (Gorishniy et al. 2021, "Revisiting Deep Learning Models for Tabular Data"): every cell of a row is a token, a class
 * token looks at them, and stands for the row, through norm and ReLU as before the authors' last linear map. A cell that is missing is
 * no token: nothing attends to it.
 *
 * ```ts
 * const config = defineConfig(createRegistry([tabular, fusion, heads]), {
 *   hiddenSize: 64,
 *   encoders: { car: { use: 'ft-transformer', columns: { power: 'number', origin: 'category', sold: 'date' } } },
 *   fusion: { use: 'mean' },
 *   heads: { thirsty: { use: 'classification', labels: ['no', 'yes'] } },
 * });
 * ```
 */
export class FtTransformer extends Encoder {
  /** [1, 1, D] */
  readonly classToken: Parameter<tf.Rank.R3>;
  readonly embeddings: FieldEmbeddings;
  readonly layers: readonly FtTransformerLayer[];
  readonly norm: LayerNorm;
  readonly hiddenSize: number;

  constructor(config: FtTransformerConfig) {
    super();
    const { hiddenSize, fields, numHiddenLayers, layerNormEps } = config;
    checkHeads(hiddenSize, config.numAttentionHeads);
    this.hiddenSize = hiddenSize;
    this.classToken = new Parameter([1, 1, hiddenSize], uniform(hiddenSize ** -0.5));
    this.embeddings = new FieldEmbeddings(fields, hiddenSize, (count) => new LinearEmbeddings(count, hiddenSize));
    this.layers = Array.from({ length: numHiddenLayers }, (_, index) => new FtTransformerLayer(config, index === 0));
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
  }

  get depth(): number {
    return this.layers.length;
  }

  override tokenCount({ cellsMask }: CellsRow): number {
    return 1 + Array.from(cellsMask.data).filter((one) => one === 1).length;
  }

  embed({ features, rows }: ModalityBatch<CellsFeatures>): Tokens {
    const embedded = this.embeddings.forward(features); // (P, F, D)
    const tokens = tf.concat([repeatRows(this.classToken.value, rows.length), embedded], 1) as tf.Tensor3D;
    const mask = tf.concat([tf.ones([rows.length, 1]), features.cellsMask], 1) as tf.Tensor2D; // (P, 1 + F)
    return { tokens, mask, rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    return withTokens(tokens, this.layers[index].forward(tokens.tokens, tokens.mask, context));
  }

  finish({ tokens, mask, rows }: Tokens): EncodedTokens {
    const normed = this.norm.forward(tokens);
    const first = tf.slice(normed, [0, 0, 0], [-1, 1, -1]);
    return { tokens: normed, mask, rows, pooled: tf.relu(tf.squeeze<tf.Tensor2D>(first, [1])) };
  }
}

/** The encoder `ft-transformer`: rows of a table, a token a cell. */
export const ftTransformer = defineEncoder({
  name: 'ft-transformer',
  modality: 'row',
  processor: rowProcessor,
  config: options,
  create: (config, setup) => {
    const { hiddenSize = setup.hiddenSize } = config;
    const { intermediateSize = Math.floor((4 / 3) * hiddenSize) } = config;
    return new FtTransformer({ ...config, hiddenSize, intermediateSize, fields: setup.processor.fields });
  },
});
