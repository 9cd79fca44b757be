import { defineModality, definePlugin } from '@polymodal/core';
import { melTransformer } from './mel-transformer';

/** Sound: the modality `audio` and the encoder `mel-transformer`. */
export const audio = definePlugin({
  name: '@polymodal/encoder-audio',
  specificationVersion: 'v1',
  modalities: [
    defineModality({
      id: 'audio',
      description: 'the path or the bytes of a WAV, FLAC, MP3 or OGG file, or { samples, sampleRate }',
    }),
  ],
  encoders: [melTransformer],
});
