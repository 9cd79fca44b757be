import { clapAudio } from '@polymodal/encoder-audio/pretrained';
import { clapText } from '@polymodal/encoder-text/pretrained';
import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

/** config.json of CLAP (HF `ClapConfig`): those of its towers, and the space that they share. */
export const clapConfig = familyConfig(
  {
    text_config: orDefaults(clapText.config),
    audio_config: orDefaults(clapAudio.config),
    /** Of both projections, whatever the configs of the towers say. */
    projection_dim: optional(z.int().positive(), 512),
    projection_hidden_act: optional(z.enum(activationNames), 'relu'),
    /** What cosines are multiplied by in a new model. */
    logit_scale_init_value: optional(z.number().positive(), 1 / 0.07),
  },
  [
    ...['hidden_size', 'num_hidden_layers'], // follow from the towers
    ...['fusion_num_hidden_layers', 'fusion_hidden_act'], // of plans that came to nothing
    ...['text_config_dict', 'audio_config_dict'], // null in all that have them
  ],
);
