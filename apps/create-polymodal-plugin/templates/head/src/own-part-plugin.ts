import { definePlugin } from '@polymodal/core';
import { ownPartHead } from './own-part-head.js';

/** The head `own-part`. */
export const ownPartPlugin = definePlugin({
  name: 'polymodal-own-part',
  specificationVersion: 'v1',
  module: import.meta.url,
  heads: [ownPartHead],
});
