import { definePlugin } from '@polymodal/core';
import { ownPartEncoder } from './own-part-encoder.js';

/** The encoder `own-part`. Its modality, `text`, is that of the plugin of `@polymodal/encoder-text`. */
export const ownPartPlugin = definePlugin({
  name: 'polymodal-own-part',
  specificationVersion: 'v1',
  module: import.meta.url,
  encoders: [ownPartEncoder],
});
