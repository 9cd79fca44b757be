import { defineModality, definePlugin } from '@polymodal/core';
import { rowsTransformer } from './rows-transformer';

/** What the bench adds to the packages: plain numbers, so that a task can have nothing else to learn than how to join. */
export const rows = definePlugin({
  name: '@polymodal/fusion-bench',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'rows', description: 'rows of numbers, (N, C)' })],
  encoders: [rowsTransformer],
});
