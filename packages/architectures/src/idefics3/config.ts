import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

const size = z.int().positive();

/** What the whole is to know of its language model: the rest, its own family checks, and that of the vision tower. */
const decoder = z.looseObject({
  model_type: optional(z.literal('llama'), 'llama'),
  hidden_size: optional(size, 4096),
  max_position_embeddings: optional(size, 2048),
});

const tower = z.looseObject({
  image_size: optional(size, 224),
  patch_size: optional(size, 32),
});

/** config.json of Idefics3 and SmolVLM (HF `Idefics3Config`, `SmolVLMConfig`). */
export const idefics3Config = familyConfig(
  {
    text_config: orDefaults(decoder),
    vision_config: orDefaults(tower),
    /** The token that stands for pictures. */
    image_token_id: optional(z.int().min(0), 128257),
    /** So many patches a side of a picture become one token. */
    scale_factor: optional(size, 2),
    tie_word_embeddings: optional(z.boolean(), false),
  },
  ['vocab_size'], // that of the language model counts
);
