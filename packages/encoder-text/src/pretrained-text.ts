import { definePretrainedEncoder } from '@polymodal/hub';
import { textFamilies } from './families';

/** The encoder `pretrained-text`: any model of {@link textFamilies}. */
export const pretrainedText = definePretrainedEncoder({
  name: 'pretrained-text',
  modality: 'text',
  families: textFamilies,
});
