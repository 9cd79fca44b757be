import type { PlaceInWhole } from '@polymodal/hub';

/** The language model in HF `LlavaForConditionalGeneration`, which may be of several families. */
export function decoderInLlava(own: Pick<PlaceInWhole, 'modelType' | 'names'>): PlaceInWhole {
  return {
    ...own,
    config: 'text_config',
    prefix: ['language_model.model.', 'model.language_model.'], // the second as the modules are called since transformers 4.52
    ignored: [
      { theirs: 'vision_tower.**', reason: 'the vision tower' },
      { theirs: 'multi_modal_projector.**', reason: 'brings pictures to the width of the language model' },
      { theirs: 'language_model.lm_head.**', reason: 'the head that guesses the next token' },
    ],
  };
}

/** Llama in LLaVA, which it is where the config does not say. */
export const llamaInLlava = decoderInLlava({ modelType: 'llama', names: ['llama', undefined] });
