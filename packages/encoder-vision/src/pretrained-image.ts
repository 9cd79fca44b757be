import { definePretrainedEncoder } from '@polymodal/hub';
import { visionFamilies } from './families';
import { visionOptions } from './families/vision-adjustments';

/** The encoder `pretrained-image`: any model of {@link visionFamilies}. */
export const pretrainedImage = definePretrainedEncoder({
  name: 'pretrained-image',
  modality: 'image',
  families: visionFamilies,
  options: visionOptions,
});
