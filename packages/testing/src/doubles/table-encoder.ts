import { defineEncoder, type EncodedTokens, Encoder, type ModalityBatch, type Tokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Linear } from './linear';
import { type TableFeatures, tableProcessor } from './table-processor';

/** One token a row of a table, from its cells; empty ones are taken out. */
export class TableEncoder extends Encoder {
  readonly depth = 0;
  readonly projection: Linear;

  /** @param clean takes out the empty cells (P, C), by their mask */
  constructor(
    columns: number,
    readonly hiddenSize: number,
    readonly clean: (cells: tf.Tensor2D, mask: tf.Tensor2D) => tf.Tensor2D = replaced,
  ) {
    super();
    this.projection = new Linear(columns, hiddenSize);
  }

  override tokenCount(): number {
    return 1;
  }

  embed({ features, rows }: ModalityBatch<TableFeatures>): Tokens {
    const cells = this.clean(features.cells, features.cellsMask);
    const tokens = tf.expandDims(this.projection.forward(cells), 1) as tf.Tensor3D; // (P, 1, D)
    return { tokens, mask: tf.ones([rows.length, 1]), rows };
  }

  layer(_: number, tokens: Tokens): Tokens {
    return tokens;
  }

  finish(tokens: Tokens): EncodedTokens {
    return { ...tokens, pooled: tf.squeeze(tokens.tokens, [1]) };
  }
}

function replaced(cells: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  return tf.where(tf.cast(mask, 'bool'), cells, tf.zerosLike(cells));
}

/** An encoder whose processor learns from training data. */
export const tableEncoder = defineEncoder({
  name: 'table',
  modality: 'table',
  processor: tableProcessor,
  config: z.object({}),
  create: ({ columns }, { hiddenSize }) => new TableEncoder(columns, hiddenSize),
});
