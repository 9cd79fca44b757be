import { defineModality, definePlugin } from '@polymodal/core';
import { category, date, flag, number } from './cell-encoder';
import { ftTransformer } from './ft-transformer';
import { tabularMlp } from './tabular-mlp';

/** Rows of tables, and single cells of them: `ft-transformer`, `tabular-mlp`, `number`, `category`, `date` and `flag`. */
export const tabular = definePlugin({
  name: '@polymodal/encoder-tabular',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [
    defineModality({
      id: 'row',
      description: 'the row of a table: an object with a cell for each column, empty ones left out or null',
    }),
    defineModality({ id: 'number', description: 'a finite number, or one in digits' }),
    defineModality({ id: 'category', description: 'the name of a category' }),
    defineModality({ id: 'date', description: 'a Date, or one in the form of ISO 8601' }),
    defineModality({ id: 'flag', description: 'true or false' }),
  ],
  encoders: [ftTransformer, tabularMlp, number, category, date, flag],
});
