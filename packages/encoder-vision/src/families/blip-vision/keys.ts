import type { KeyMap, PlaceInWhole } from '@polymodal/hub';
import { inRow } from '../vit/keys';

const layer = 'encoder.layers.{i}';

/** The tensors of HF `BlipVisionModel`. */
export const blipVisionKeys: KeyMap = {
  prefixes: ['vision_model.'],
  entries: [
    { ours: 'embeddings.classToken', theirs: 'embeddings.class_embedding', shape: inRow },
    { ours: 'embeddings.projection.*', theirs: 'embeddings.patch_embedding.*' },
    { ours: 'embeddings.positions', theirs: 'embeddings.position_embedding', shape: inRow },
    { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layer_norm1.*` },
    ...['weight', 'bias'].map((kind) => ({
      ours: ['query', 'key', 'value'].map((projection) => `layers.{i}.attention.${projection}.${kind}`),
      theirs: `${layer}.self_attn.qkv.${kind}`,
    })),
    { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.self_attn.projection.*` },
    { ours: 'layers.{i}.norm2.*', theirs: `${layer}.layer_norm2.*` },
    { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.mlp.fc1.*` },
    { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.mlp.fc2.*` },
    { ours: 'norm.*', theirs: 'post_layernorm.*' },
  ],
};

/** The tower in HF `BlipForConditionalGeneration` and the like. */
export const blipVisionInBlip: PlaceInWhole = {
  config: 'vision_config',
  modelType: 'blip_vision_model',
  prefix: 'vision_model.',
  ignored: [
    { theirs: 'text_decoder.**', reason: 'what writes about pictures' },
    { theirs: 'text_encoder.**', reason: 'what reads questions, or texts that are compared' },
    { theirs: 'text_model.**', reason: 'the text tower' },
    { theirs: 'text_projection.**', reason: "the texts' way into the shared space" },
    { theirs: 'text_proj.**', reason: "the texts' way into the shared space" },
    { theirs: 'visual_projection.**', reason: "the pictures' way into the shared space" },
    { theirs: 'vision_proj.**', reason: "the pictures' way into the shared space" },
    { theirs: 'itm_head.**', reason: 'says whether a text belongs to a picture' },
    { theirs: 'logit_scale', reason: 'compares pictures with texts' },
  ],
};
