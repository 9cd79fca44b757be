import { definePretrainedEncoder } from '@polymodal/hub';
import { textFamilies } from './families';
import { textOptions } from './sentence/text-adjustments';

/** The encoder `pretrained-text`: any model of {@link textFamilies}. */
export const pretrainedText = definePretrainedEncoder({
  name: 'pretrained-text',
  modality: 'text',
  families: textFamilies,
  options: textOptions,
});
