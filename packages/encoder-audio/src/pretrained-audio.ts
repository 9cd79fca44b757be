import { definePretrainedEncoder } from '@polymodal/hub';
import { audioFamilies } from './families';

/** The encoder `pretrained-audio`: any model of {@link audioFamilies}. */
export const pretrainedAudio = definePretrainedEncoder({
  name: 'pretrained-audio',
  modality: 'audio',
  families: audioFamilies,
});
