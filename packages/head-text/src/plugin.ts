import { definePlugin } from '@polymodal/core';
import { ctc } from './ctc/ctc';
import { languageModel } from './language-model';
import { maskedLanguageModel } from './masked-language-model';
import { textDecoder } from './text-decoder';

/** Heads that write texts, and that guess what is hidden of them: `language-model`, `text-decoder`, `masked-language-model`, `ctc`. */
export const headText = definePlugin({
  name: '@polymodal/head-text',
  specificationVersion: 'v1',
  module: import.meta.url,
  heads: [languageModel, textDecoder, maskedLanguageModel, ctc],
});
