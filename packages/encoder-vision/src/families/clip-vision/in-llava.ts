import type { PlaceInWhole } from '@polymodal/hub';

/** The tower in HF `LlavaForConditionalGeneration`. */
export const clipVisionInLlava: PlaceInWhole = {
  config: 'vision_config',
  names: ['clip_vision_model', undefined],
  configOf: (stated) => (Object.keys(stated).length > 0 ? stated : ofNewModels),
  modelType: 'clip_vision_model',
  prefix: ['model.vision_tower.vision_model.', 'vision_tower.vision_model.', 'model.vision_tower.', 'vision_tower.'],
  ignored: [
    { theirs: 'language_model.**', reason: 'the language model' },
    { theirs: 'multi_modal_projector.**', reason: 'brings pictures to the width of the language model' },
  ],
};

/** The tower that Python takes where the config has none at all. */
const ofNewModels = {
  hidden_size: 1024,
  intermediate_size: 4096,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  image_size: 336,
  patch_size: 14,
  projection_dim: 768,
};
