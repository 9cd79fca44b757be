import type { KeyMap } from '@polymodal/hub';
import { positionIdsKey, textTowerKeys } from '../clip-text/keys';

/** The tensors of HF `SiglipTextModel`. */
export const siglipTextKeys: KeyMap = {
  prefixes: ['text_model.'],
  entries: [...textTowerKeys, { ours: 'head.*', theirs: 'head.*' }],
  ignored: [positionIdsKey],
};
