import { defineModality, definePlugin } from '@polymodal/core';
import { textTransformer } from './text-transformer';

/** Text: the modality `text` and the encoder `transformer`. */
export const text = definePlugin({
  name: '@polymodal/encoder-text',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'text', description: 'a string, in any language' })],
  encoders: [textTransformer],
});
