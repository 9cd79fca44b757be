import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

/** What the whole is to know of its language model: the rest, its own family checks, and that of the vision tower. */
const decoder = z.looseObject({
  model_type: optional(z.enum(['llama', 'qwen2']), 'llama'),
  hidden_size: optional(z.int().positive(), 4096),
  tie_word_embeddings: optional(z.boolean(), false),
});

const tower = z.looseObject({ model_type: optional(z.literal('clip_vision_model'), 'clip_vision_model') });

/** config.json of LLaVA (HF `LlavaConfig`). */
export const llavaConfig = familyConfig(
  {
    text_config: orDefaults(decoder),
    vision_config: orDefaults(tower),
    /** The token that stands for pictures. */
    image_token_index: optional(z.int().min(0), 32000),
    /** Another name for it. */
    image_token_id: z.int().min(0).nullish(),
    projector_hidden_act: optional(z.enum(activationNames), 'gelu'),
    multimodal_projector_bias: optional(z.boolean(), true),
    /** `default` leaves the class token out. */
    vision_feature_select_strategy: optional(z.enum(['default', 'full']), 'default'),
    vision_feature_layer: optional(
      z.int({ error: 'one layer, since features of several side by side are not implemented' }),
      -2,
    ),
    tie_word_embeddings: optional(z.boolean(), false),
  },
  // How many tokens a picture has, follows from the tower; the rest is of the language model, or of labels in training.
  ['image_seq_length', 'ignore_index', 'vocab_size'],
);
