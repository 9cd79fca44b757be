import { definePlugin } from '@polymodal/core';
import { definePretrainedEncoder } from '@polymodal/hub';
import { audioFamilies } from './families';
import { audioOptions } from './families/audio-adjustments';

/** The encoder `pretrained-audio`: any model of {@link audioFamilies}. */
export const pretrainedAudioEncoder = definePretrainedEncoder({
  name: 'pretrained-audio',
  modality: 'audio',
  families: audioFamilies,
  options: audioOptions,
});

/**
 * The plugin of this entry: the encoder `pretrained-audio`. It goes beside the package's own, which has the modality:
 * `createRegistry([audio, pretrainedAudio, …])`.
 */
export const pretrainedAudio = definePlugin({
  name: '@polymodal/encoder-audio/pretrained',
  specificationVersion: 'v1',
  module: import.meta.url,
  encoders: [pretrainedAudioEncoder],
});
