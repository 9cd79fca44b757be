import type { PlaceInWhole } from '@polymodal/hub';

/** The tower in HF `IdeficsForVisionText2Text`, which has other names and defaults for its options (`IdeficsVisionConfig`). */
export const clipVisionInIdefics: PlaceInWhole = {
  config: 'vision_config',
  configOf: ({ embed_dim, hidden_size, ...stated }) => ({
    image_size: 224,
    patch_size: 14,
    intermediate_size: 5120,
    num_hidden_layers: 32,
    num_attention_heads: 16,
    hidden_act: 'gelu',
    ...stated,
    hidden_size: embed_dim ?? hidden_size ?? 768,
  }),
  modelType: 'clip_vision_model',
  prefix: 'model.vision_model.',
  ignored: [
    { theirs: 'model.embed_tokens.**', reason: 'the language model' },
    { theirs: 'model.layers.**', reason: 'the language model' },
    { theirs: 'model.norm.weight', reason: 'the language model' },
    { theirs: 'model.gated_cross_attn_layers.**', reason: 'by which the language model looks at pictures' },
    { theirs: 'model.perceiver_resampler.**', reason: 'makes latents of pictures' },
    { theirs: 'lm_head.**', reason: 'the head that guesses the next token' },
  ],
};
