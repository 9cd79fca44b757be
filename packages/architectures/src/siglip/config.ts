import { siglipText } from '@polymodal/encoder-text/pretrained';
import { siglipVision } from '@polymodal/encoder-vision/pretrained';
import { familyConfig } from '@polymodal/hub';
import { orDefaults } from '../or-defaults';

/** config.json of SigLIP (HF `SiglipConfig`): those of its towers. */
export const siglipConfig = familyConfig({
  text_config: orDefaults(siglipText.config),
  vision_config: orDefaults(siglipVision.config),
});
