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
import { dropout, Linear, uniform } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { CellsFeatures } from './cells-processor';
import type { Field } from './columns/column';
import { FieldEmbeddings } from './embeddings/field-embeddings';
import { PeriodicEmbeddings } from './embeddings/periodic-embeddings';
import { periodicOptions } from './embeddings/periodic-options';
import { rowProcessor } from './row-processor';

const options = z.object({
  /** Width of the layers; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  numHiddenLayers: z.int().positive().default(2),
  /** Rate of dropout behind each layer. */
  hiddenDropout: z.number().min(0).lt(1).default(0.2),
  ...periodicOptions,
});

/** Everything that a {@link TabularMlp} is made from. */
export interface TabularMlpConfig {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly hiddenDropout: number;
  readonly embeddingSize: number;
  readonly numFrequencies: number;
  readonly frequencyScale: number;
  /** What the elements of its features are. */
  readonly fields: readonly Field[];
}

/**
 * A multilayer perceptron over periodic embeddings of numbers, and embeddings of categories (Gorishniy et al. 2022, "On Embeddings for
 * Numerical Features in Tabular Deep Learning", "MLP-PLR"), side by side. In place of a cell that is missing there stands a learned
 * vector of its field, so that whether it is missing may tell something. The row is one token.
 *
 * ```ts
 * const config = defineConfig(createRegistry([tabular, fusion, heads]), {
 *   hiddenSize: 128,
 *   encoders: { car: { use: 'tabular-mlp', columns: { power: 'number', origin: 'category', sold: 'date' } } },
 *   fusion: { use: 'mean' },
 *   heads: { thirsty: { use: 'classification', labels: ['no', 'yes'] } },
 * });
 * ```
 */
export class TabularMlp extends Encoder {
  readonly embeddings: FieldEmbeddings;
  /** [F, d], in place of cells that are missing. */
  readonly missing: Parameter<tf.Rank.R2>;
  readonly layers: readonly Linear[];
  readonly hiddenSize: number;
  readonly #joinedSize: number;
  readonly #dropout: number;

  constructor(config: TabularMlpConfig) {
    super();
    const { hiddenSize, embeddingSize, fields } = config;
    const ofNumbers = (count: number) => new PeriodicEmbeddings({ ...config, count, size: embeddingSize });
    this.hiddenSize = hiddenSize;
    this.#joinedSize = fields.length * embeddingSize;
    this.#dropout = config.hiddenDropout;
    this.embeddings = new FieldEmbeddings(fields, embeddingSize, ofNumbers);
    this.missing = new Parameter([fields.length, embeddingSize], uniform(embeddingSize ** -0.5));
    this.layers = Array.from(
      { length: config.numHiddenLayers },
      (_, index) => new Linear(this.widthAt(index), hiddenSize),
    );
  }

  get depth(): number {
    return this.layers.length;
  }

  override widthAt(index: number): number {
    return index === 0 ? this.#joinedSize : this.hiddenSize;
  }

  override tokenCount(): number {
    return 1;
  }

  override usualTokenCount(): number {
    return 1;
  }

  embed({ features, rows }: ModalityBatch<CellsFeatures>): Tokens {
    const isThere = tf.expandDims(tf.cast(features.cellsMask, 'bool'), 2); // (P, F, 1)
    const vectors = tf.where(isThere, this.embeddings.forward(features), tf.expandDims(this.missing.value, 0));
    const tokens = tf.reshape<tf.Rank.R3>(vectors, [rows.length, 1, this.#joinedSize]); // (P, 1, F · d)
    return { tokens, mask: tf.ones([rows.length, 1]), rows };
  }

  layer(index: number, tokens: Tokens, context: Context): Tokens {
    const active = tf.relu(this.layers[index].forward(tokens.tokens));
    return withTokens(tokens, dropout(active, this.#dropout, context, this));
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.squeeze(tokens.tokens, [1]) };
  }
}

/** The encoder `tabular-mlp`: rows of a table, a vector each. */
export const tabularMlp = defineEncoder({
  name: 'tabular-mlp',
  modality: 'row',
  processor: rowProcessor,
  config: options,
  create: (config, { hiddenSize, processor }) =>
    new TabularMlp({ ...config, hiddenSize: config.hiddenSize ?? hiddenSize, fields: processor.fields }),
});
