import { defineModality, definePlugin } from '@polymodal/core';
import { melTransformer } from './mel-transformer';

/** Sound: the modality `audio`, the encoder `mel-transformer`. `pretrained-audio` has a plugin of its own. */
export const audio = definePlugin({
  name: '@polymodal/encoder-audio',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [
    defineModality({
      id: 'audio',
      description: 'the path or the bytes of a WAV, AIFF, AU, FLAC, MP3 or OGG file, or { samples, sampleRate }',
    }),
  ],
  encoders: [melTransformer],
  elsewhere: { 'pretrained-audio': '@polymodal/encoder-audio/pretrained' },
});
