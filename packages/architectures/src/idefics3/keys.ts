import { llama } from '@polymodal/encoder-text/pretrained';
import { idefics3Vision } from '@polymodal/encoder-vision/pretrained';
import { type ConfigOf, type KeyMap, nestedKeys } from '@polymodal/hub';

/** The tensors of HF `Idefics3ForConditionalGeneration` and `SmolVLMForConditionalGeneration`. */
export function idefics3Keys({ tied }: { readonly tied: boolean }): KeyMap {
  // The tensors of both depend on nothing that their configs say.
  const text = nestedKeys(llama.keys({} as ConfigOf<typeof llama>), {
    ours: 'encoders.text.',
    theirs: 'model.text_model.',
  });
  const vision = nestedKeys(idefics3Vision.keys({} as ConfigOf<typeof idefics3Vision>), {
    ours: 'encoders.image.each.',
    theirs: 'model.vision_model.',
  });
  const connector = {
    ours: 'fusion.projectors.image.linear1.weight',
    theirs: 'model.connector.modality_projection.proj.weight',
  };
  const head = { ours: 'heads.text.lmHead.weight', theirs: 'lm_head.weight' };
  const tiedHead = { theirs: 'lm_head.weight', reason: 'tied to the token embeddings by the config' };
  return {
    entries: [...text.entries, ...vision.entries, connector, ...(tied ? [] : [head])],
    ignored: [...text.ignored, ...vision.ignored, ...(tied ? [tiedHead] : [])],
  };
}
