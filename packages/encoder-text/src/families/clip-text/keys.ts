import type { IgnoredKey, KeyMap, KeyMapEntry, PlaceInWhole } from '@polymodal/hub';

const layer = 'encoder.layers.{i}';

/** The tensors that the text towers of CLIP and SigLIP share. */
export const textTowerKeys: readonly KeyMapEntry[] = [
  { ours: 'tokenEmbeddings.weight', theirs: 'embeddings.token_embedding.weight' },
  { ours: 'positionEmbeddings.weight', theirs: 'embeddings.position_embedding.weight' },
  { ours: 'layers.{i}.norm1.*', theirs: `${layer}.layer_norm1.*` },
  { ours: 'layers.{i}.attention.query.*', theirs: `${layer}.self_attn.q_proj.*` },
  { ours: 'layers.{i}.attention.key.*', theirs: `${layer}.self_attn.k_proj.*` },
  { ours: 'layers.{i}.attention.value.*', theirs: `${layer}.self_attn.v_proj.*` },
  { ours: 'layers.{i}.attention.output.*', theirs: `${layer}.self_attn.out_proj.*` },
  { ours: 'layers.{i}.norm2.*', theirs: `${layer}.layer_norm2.*` },
  { ours: 'layers.{i}.feedForward.intermediate.*', theirs: `${layer}.mlp.fc1.*` },
  { ours: 'layers.{i}.feedForward.output.*', theirs: `${layer}.mlp.fc2.*` },
  { ours: 'norm.*', theirs: 'final_layer_norm.*' },
];

/** A buffer that transformers 4 saved. */
export const positionIdsKey: IgnoredKey = {
  theirs: 'embeddings.position_ids',
  reason: 'a buffer of the numbers from 0',
};

/** The tensors of HF `CLIPTextModel`. */
export const clipTextKeys: KeyMap = {
  prefixes: ['text_model.'],
  entries: textTowerKeys,
  ignored: [
    positionIdsKey,
    { theirs: 'text_projection.weight', reason: 'the way into the space shared with pictures, no part of the tower' },
  ],
};

/** The tower in HF `CLIPModel`. */
export const clipTextInClip: PlaceInWhole = {
  config: 'text_config',
  olderConfig: 'text_config_dict',
  modelType: 'clip_text_model',
  prefix: 'text_model.',
  ignored: [
    { theirs: 'vision_model.**', reason: 'the vision tower' },
    { theirs: 'visual_projection.weight', reason: "the pictures' way into the shared space" },
    { theirs: 'logit_scale', reason: 'compares pictures with texts' },
  ],
};
