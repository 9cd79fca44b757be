import { llama } from '@polymodal/encoder-text/pretrained';
import { clipVision } from '@polymodal/encoder-vision/pretrained';
import { type ConfigOf, type KeyMap, nestedKeys } from '@polymodal/hub';

/**
 * The tensors of HF `LlavaForConditionalGeneration`, as published checkpoints have them; others have the names of its modules since
 * transformers 4.52, or a vision tower without a name between, as transformers 5 saves it.
 */
export function llavaKeys({ tied }: { readonly tied: boolean }): KeyMap {
  // The tensors of both depend on nothing that their configs say; those of Llama are Qwen2's too.
  const text = nestedKeys(llama.keys({} as ConfigOf<typeof llama>), {
    ours: 'encoders.text.',
    theirs: ['language_model.model.', 'model.language_model.'],
  });
  const vision = nestedKeys(clipVision.keys({} as ConfigOf<typeof clipVision>), {
    ours: 'encoders.image.each.',
    theirs: ['vision_tower.vision_model.', 'vision_tower.', 'model.vision_tower.', 'model.vision_tower.vision_model.'],
  });
  const projector = nestedKeys(projectorKeys, {
    ours: 'fusion.projectors.image.',
    theirs: ['multi_modal_projector.', 'model.multi_modal_projector.'],
  });
  const head = nestedKeys(headKeys, { ours: 'heads.text.', theirs: ['language_model.', ''] });
  return {
    entries: [...text.entries, ...vision.entries, ...projector.entries, ...(tied ? [] : head.entries)],
    ignored: [...text.ignored, ...vision.ignored, ...(tied ? head.ignored : [])],
  };
}

const projectorKeys: KeyMap = {
  entries: [
    { ours: 'linear1.*', theirs: 'linear_1.*' },
    { ours: 'linear2.*', theirs: 'linear_2.*' },
  ],
};

const headKeys: KeyMap = {
  entries: [{ ours: 'lmHead.weight', theirs: 'lm_head.weight' }],
  ignored: [{ theirs: 'lm_head.**', reason: 'tied to the token embeddings by the config' }],
};
