import { definePlugin } from '@polymodal/core';
import { definePretrainedEncoder } from '@polymodal/hub';
import { textFamilies } from './families';
import { textOptions } from './sentence/text-adjustments';

/** The encoder `pretrained-text`: any model of {@link textFamilies}. */
export const pretrainedTextEncoder = definePretrainedEncoder({
  name: 'pretrained-text',
  modality: 'text',
  families: textFamilies,
  options: textOptions,
});

/**
 * The plugin of this entry: the encoder `pretrained-text`. It goes beside the package's own, which has the modality:
 * `createRegistry([text, pretrainedText, …])`.
 */
export const pretrainedText = definePlugin({
  name: '@polymodal/encoder-text/pretrained',
  specificationVersion: 'v1',
  module: import.meta.url,
  encoders: [pretrainedTextEncoder],
});
