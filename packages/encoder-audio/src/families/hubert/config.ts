import { familyConfig } from '@polymodal/hub';
import { option } from '../audio-options';
import { speechHarmless, speechOptions } from '../wav2vec2/config';

/** config.json of HuBERT (HF `HubertConfig`). */
export const hubertConfig = familyConfig(
  { ...speechOptions, feat_proj_layer_norm: option.flag(true), conv_pos_batch_norm: option.flag(false) },
  speechHarmless,
);
