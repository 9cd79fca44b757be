import type { KeyMap, PlaceInWhole } from '@polymodal/hub';
import { siglipTowerKeys } from '../siglip-vision/keys';

/** The tensors of HF `Idefics3VisionTransformer` and `SmolVLMVisionTransformer`. */
export const idefics3VisionKeys: KeyMap = {
  entries: siglipTowerKeys,
  ignored: [{ theirs: 'embeddings.position_ids', reason: 'a buffer of the numbers from 0' }],
};

/** The tower in HF `Idefics3ForConditionalGeneration`. */
export const visionInIdefics3 = inWhole('idefics3_vision');

/** The tower in HF `SmolVLMForConditionalGeneration`. */
export const visionInSmolVlm = inWhole('smolvlm_vision');

/** Older configs call the tower by the name of the whole. */
function inWhole(modelType: 'idefics3_vision' | 'smolvlm_vision'): PlaceInWhole {
  return {
    config: 'vision_config',
    names: [modelType, modelType.replace('_vision', ''), 'idefics3', undefined],
    modelType,
    prefix: 'model.vision_model.',
    ignored: [
      { theirs: 'model.text_model.**', reason: 'the language model' },
      { theirs: 'model.connector.**', reason: 'brings pictures to the width of the language model' },
      { theirs: 'lm_head.**', reason: 'the head that guesses the next token' },
    ],
  };
}
