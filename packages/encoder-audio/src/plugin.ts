import { defineModality, definePlugin } from '@polymodal/core';
import { melTransformer } from './mel-transformer';
import { pretrainedAudio } from './pretrained-audio';

/** Sound: the modality `audio`, the encoders `mel-transformer` and `pretrained-audio`. */
export const audio = definePlugin({
  name: '@polymodal/encoder-audio',
  specificationVersion: 'v1',
  modalities: [
    defineModality({
      id: 'audio',
      description: 'the path or the bytes of a WAV, AIFF, AU, FLAC, MP3 or OGG file, or { samples, sampleRate }',
    }),
  ],
  encoders: [melTransformer, pretrainedAudio],
});
