import { defineModality, definePlugin } from '@polymodal/core';
import { textTransformer } from './text-transformer-definition';

/** Text: the modality `text`, the encoder `transformer`. `pretrained-text` has a plugin of its own. */
export const text = definePlugin({
  name: '@polymodal/encoder-text',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [defineModality({ id: 'text', description: 'a string, in any language' })],
  encoders: [textTransformer],
  elsewhere: { 'pretrained-text': '@polymodal/encoder-text/pretrained' },
});
