import { definePretrainedEncoder } from '@polymodal/hub';
import { audioFamilies } from './families';
import { audioOptions } from './families/audio-adjustments';

/** The encoder `pretrained-audio`: any model of {@link audioFamilies}. */
export const pretrainedAudio = definePretrainedEncoder({
  name: 'pretrained-audio',
  modality: 'audio',
  families: audioFamilies,
  options: audioOptions,
});
