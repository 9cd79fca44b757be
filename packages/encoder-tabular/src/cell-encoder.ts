import {
  defineEncoder,
  type EncodedTokens,
  Encoder,
  type ModalityBatch,
  type ProcessorDefinition,
  type Tokens,
} from '@polymodal/core';
import { Linear, maskedMean } from '@polymodal/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type CellProcessor, categoryProcessor, dateProcessor, flagProcessor, numberProcessor } from './cell-processor';
import type { CellsFeatures } from './cells-processor';
import type { Field } from './columns/column';
import { FieldEmbeddings } from './embeddings/field-embeddings';
import { PeriodicEmbeddings } from './embeddings/periodic-embeddings';
import { periodicOptions } from './embeddings/periodic-options';

const options = z.object({
  /** Width of the tokens; that of the model if left out. */
  hiddenSize: z.int().positive().optional(),
  ...periodicOptions,
});

/** Everything that a {@link CellEncoder} is made from. */
export interface CellEncoderConfig {
  readonly hiddenSize: number;
  readonly embeddingSize: number;
  readonly numFrequencies: number;
  readonly frequencyScale: number;
  /** What the elements of its features are. */
  readonly fields: readonly Field[];
}

/**
 * A value that is one cell, a number, a category, a flag or a date, as tokens: periodic embeddings (Gorishniy et al. 2022) or those of
 * categories, and a linear map. A date has several, for what of it comes again.
 */
export class CellEncoder extends Encoder {
  readonly depth = 0;
  readonly embeddings: FieldEmbeddings;
  readonly projection: Linear;
  readonly hiddenSize: number;
  readonly #fields: number;

  constructor(config: CellEncoderConfig) {
    super();
    const { hiddenSize, embeddingSize, fields } = config;
    const ofNumbers = (count: number) => new PeriodicEmbeddings({ ...config, count, size: embeddingSize });
    this.hiddenSize = hiddenSize;
    this.#fields = fields.length;
    this.embeddings = new FieldEmbeddings(fields, embeddingSize, ofNumbers);
    this.projection = new Linear(embeddingSize, hiddenSize);
  }

  override tokenCount(): number {
    return this.#fields;
  }

  override usualTokenCount(): number {
    return this.#fields;
  }

  embed({ features, rows }: ModalityBatch<CellsFeatures>): Tokens {
    const tokens: tf.Tensor3D = this.projection.forward(this.embeddings.forward(features)); // (P, F, D)
    return { tokens, mask: features.cellsMask, rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: maskedMean(tokens.tokens, tokens.mask) };
  }
}

/** The encoder `number`: `price: { use: 'number' }`. */
export const number = encoderOf('number', numberProcessor);
/** The encoder `category`: `colour: { use: 'category' }`. */
export const category = encoderOf('category', categoryProcessor);
/** The encoder `date`: `sold: { use: 'date' }`. */
export const date = encoderOf('date', dateProcessor);
/** The encoder `flag`: `insured: { use: 'flag' }`. */
export const flag = encoderOf('flag', flagProcessor);

function encoderOf<const Name extends string, Schema extends z.ZodObject>(
  name: Name,
  processor: ProcessorDefinition<Schema, CellProcessor>,
) {
  return defineEncoder({
    name,
    modality: name,
    processor,
    config: options,
    create: (config, setup) => {
      const { hiddenSize = setup.hiddenSize, ...sizes } = config as z.output<typeof options>;
      return new CellEncoder({ ...sizes, hiddenSize, fields: setup.processor.fields });
    },
  });
}
