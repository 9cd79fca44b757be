import type { KeyMap, PlaceInWhole } from '@polymodal/hub';

const layer = 'encoder.layers.{i}';

/** The layers as CLIP and SigLIP name them. */
export const clipLayerKeys = [
  { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layer_norm1.*` },
  { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.self_attn.q_proj.*` },
  { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.self_attn.k_proj.*` },
  { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.self_attn.v_proj.*` },
  { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.self_attn.out_proj.*` },
  { ours: 'layers.{i}.norm2.*', theirs: `${layer}.layer_norm2.*` },
  { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.mlp.fc1.*` },
  { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.mlp.fc2.*` },
];

/** The tensors of HF `CLIPVisionModel`. */
export const clipVisionKeys: KeyMap = {
  prefixes: ['vision_model.'],
  entries: [
    { ours: 'embeddings.classToken', theirs: 'embeddings.class_embedding', shape: ([, size]) => [size] },
    { ours: 'embeddings.projection.weight', theirs: 'embeddings.patch_embedding.weight' },
    { ours: 'embeddings.positions', theirs: 'embeddings.position_embedding.weight' },
    { ours: 'preNorm.*', theirs: 'pre_layrnorm.*' }, // so spelt in every checkpoint
    ...clipLayerKeys,
    { ours: 'postNorm.*', theirs: 'post_layernorm.*' },
  ],
  ignored: [
    { theirs: 'embeddings.position_ids', reason: 'a buffer of the numbers from 0' },
    { theirs: 'visual_projection.weight', reason: 'the way into the space shared with texts, no part of the tower' },
  ],
};

/** The tower in HF `CLIPModel`. */
export const clipVisionInClip: PlaceInWhole = {
  config: 'vision_config',
  olderConfig: 'vision_config_dict',
  modelType: 'clip_vision_model',
  prefix: 'vision_model.',
  ignored: [
    { theirs: 'text_model.**', reason: 'the text tower' },
    { theirs: 'text_projection.weight', reason: "the texts' way into the shared space" },
    { theirs: 'visual_projection.weight', reason: "the pictures' way into the shared space" },
    { theirs: 'logit_scale', reason: 'compares pictures with texts' },
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
  ],
};
