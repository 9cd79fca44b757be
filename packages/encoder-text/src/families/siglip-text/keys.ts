import type { KeyMap, PlaceInWhole } from '@polymodal/hub';
import { positionIdsKey, textTowerKeys } from '../clip-text/keys';

/** The tensors of HF `SiglipTextModel`. */
export const siglipTextKeys: KeyMap = {
  prefixes: ['text_model.'],
  entries: [...textTowerKeys, { ours: 'head.*', theirs: 'head.*' }],
  ignored: [positionIdsKey],
};

/** The tower in HF `SiglipModel`. */
export const siglipTextInSiglip: PlaceInWhole = {
  config: 'text_config',
  modelType: 'siglip_text_model',
  prefix: 'text_model.',
  ignored: [
    { theirs: 'vision_model.**', reason: 'the vision tower' },
    { theirs: 'logit_scale', reason: 'compares pictures with texts' },
    { theirs: 'logit_bias', reason: 'compares pictures with texts' },
  ],
};
