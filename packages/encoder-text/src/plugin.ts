import { defineModality, definePlugin } from '@polymodal/core';
import { pretrainedText } from './pretrained-text';
import { textTransformer } from './text-transformer';

/** Text: the modality `text`, the encoders `transformer` and `pretrained-text`. */
export const text = definePlugin({
  name: '@polymodal/encoder-text',
  specificationVersion: 'v1',
  modalities: [defineModality({ id: 'text', description: 'a string, in any language' })],
  encoders: [textTransformer, pretrainedText],
});
