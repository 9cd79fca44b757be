import { Module } from '@polymodal/core';
import { zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CellsFeatures } from '../cells-processor';
import type { Field } from '../columns/column';
import { CategoryEmbeddings } from './category-embeddings';

/** What makes vectors of numbers: (P, F) → (P, F, d). */
export interface NumberEmbeddings extends Module {
  forward(x: tf.Tensor2D): tf.Tensor3D;
}

/** The features of cells on a backend. */
export type CellTensors = { readonly [Name in keyof CellsFeatures]: tf.Tensor2D };

/** A vector for each field of a row's cells, numbers before categories. */
export class FieldEmbeddings extends Module {
  readonly numbers: NumberEmbeddings | undefined;
  readonly categories: CategoryEmbeddings | undefined;
  readonly #numbers: number;

  /**
   * @param fields       as a `CellsProcessor` has them
   * @param size         d
   * @param ofNumbers    makes vectors of so many numbers
   */
  constructor(fields: readonly Field[], size: number, ofNumbers: (count: number) => NumberEmbeddings) {
    super();
    const sizes = fields.flatMap((field) => (field.kind === 'category' ? [field.size] : []));
    this.#numbers = fields.length - sizes.length;
    this.numbers = this.#numbers > 0 ? ofNumbers(this.#numbers) : undefined;
    this.categories = sizes.length > 0 ? new CategoryEmbeddings(sizes, size) : undefined;
  }

  /** @returns (P, F, d); of a cell that takes no part, that of 0 */
  forward({ cells, cellsMask }: CellTensors): tf.Tensor3D {
    const clean = zeroPadding(cells, cellsMask); // (P, F)
    const [rows, fields] = clean.shape;
    const numbers = tf.slice(clean, [0, 0], [rows, this.#numbers]);
    const ids = tf.slice(clean, [0, this.#numbers], [rows, fields - this.#numbers]);
    const embedded = [
      ...(this.numbers ? [this.numbers.forward(numbers)] : []),
      ...(this.categories ? [this.categories.forward(tf.cast(ids, 'int32'))] : []),
    ];
    return embedded.length === 1 ? embedded[0] : (tf.concat(embedded, 1) as tf.Tensor3D);
  }
}
