import { definePlugin } from '@polymodal/core';
import { languageModel } from './language-model';

/** Heads that write texts: `language-model`. */
export const headText = definePlugin({
  name: '@polymodal/head-text',
  specificationVersion: 'v1',
  module: import.meta.url,
  heads: [languageModel],
});
