import type { KeyMap, PlaceInWhole } from '@polymodal/hub';
import { clipLayerKeys } from '../clip-vision/keys';

/** All but the head that pools. */
export const siglipTowerKeys = [
  { ours: 'embeddings.projection.*', theirs: 'embeddings.patch_embedding.*' },
  { ours: 'embeddings.positions', theirs: 'embeddings.position_embedding.weight' },
  ...clipLayerKeys,
  { ours: 'norm.*', theirs: 'post_layernorm.*' },
];

/** The tensors of HF `SiglipVisionModel`. */
export const siglipVisionKeys: KeyMap = {
  prefixes: ['vision_model.'],
  entries: [
    ...siglipTowerKeys,
    { ours: 'head.probe', theirs: 'head.probe' },
    ...['weight', 'bias'].map((kind) => ({
      ours: ['query', 'key', 'value'].map((projection) => `head.attention.${projection}.${kind}`),
      theirs: `head.attention.in_proj_${kind}`,
    })),
    { ours: 'head.attention.output.*', theirs: 'head.attention.out_proj.*' },
    { ours: 'head.norm.*', theirs: 'head.layernorm.*' },
    { ours: 'head.feedForward.intermediate.*', theirs: 'head.mlp.fc1.*' },
    { ours: 'head.feedForward.output.*', theirs: 'head.mlp.fc2.*' },
  ],
  ignored: [
    { theirs: 'embeddings.position_ids', reason: 'a buffer of the numbers from 0' },
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
  ],
};

/** The tower in HF `SiglipModel`. */
export const siglipVisionInSiglip: PlaceInWhole = {
  config: 'vision_config',
  modelType: 'siglip_vision_model',
  prefix: 'vision_model.',
  ignored: [
    { theirs: 'text_model.**', reason: 'the text tower' },
    { theirs: 'logit_scale', reason: 'compares pictures with texts' },
    { theirs: 'logit_bias', reason: 'compares pictures with texts' },
    { theirs: 'classifier.**', reason: 'the head of a classifier' },
  ],
};
