import { clipText } from '@polymodal/encoder-text/pretrained';
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

/** config.json of CLIP (HF `CLIPConfig`): those of its towers, and the space that they share. */
export const clipConfig = familyConfig({
  text_config: orDefaults(clipText.config),
  vision_config: orDefaults(clipVision.config),
  /** Where older configs have them, the towers are made from these, as in Python. */
  text_config_dict: clipText.config.nullish(),
  vision_config_dict: clipVision.config.nullish(),
  projection_dim: optional(z.int().positive(), 512),
  /** The first value in a new model: ln(1 / 0.07). */
  logit_scale_init_value: optional(z.number(), 2.6592),
});
