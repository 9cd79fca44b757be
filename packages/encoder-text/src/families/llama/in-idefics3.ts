import type { PlaceInWhole } from '@polymodal/hub';

/** The language model in HF `Idefics3ForConditionalGeneration` and `SmolVLMForConditionalGeneration`, Llama where the config does not say. */
export const llamaInIdefics3: PlaceInWhole = {
  config: 'text_config',
  names: ['llama', undefined],
  configOf: (stated) => (Object.keys(stated).length > 0 ? stated : { rms_norm_eps: 1e-5 }),
  modelType: 'llama',
  prefix: 'model.text_model.',
  ignored: [
    { theirs: 'model.vision_model.**', reason: 'the vision tower' },
    { theirs: 'model.connector.**', reason: 'brings pictures to the width of the language model' },
    { theirs: 'lm_head.**', reason: 'the head that guesses the next token' },
  ],
};
