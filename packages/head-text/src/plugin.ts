import { definePlugin } from '@polymodal/core';
import { ctc } from './ctc/ctc';
import { languageModel } from './language-model';
import { maskedLanguageModel } from './masked-language-model';
import { span } from './spans/span-head';
import { tokenClassification } from './spans/token-classification';
import { textDecoder } from './text-decoder';

/**
 * Heads that write texts, guess what is hidden of them, and point into them: `language-model`, `text-decoder`, `masked-language-model`,
 * `ctc`, `token-classification`, `span`.
 */
export const headText = definePlugin({
  name: '@polymodal/head-text',
  specificationVersion: 'v1',
  module: import.meta.url,
  heads: [languageModel, textDecoder, maskedLanguageModel, ctc, tokenClassification, span],
});
