import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { robertaOptions } from '../roberta/config';

const size = z.int().positive();

/** config.json of CLAP's text tower (HF `ClapTextConfig`): that of RoBERTa, and the projection, which is no part of the tower. */
export const clapTextConfig = familyConfig(
  {
    ...robertaOptions,
    vocab_size: optional(size, 50265),
    max_position_embeddings: optional(size, 514),
    type_vocab_size: optional(size, 1),
    projection_dim: optional(size, 512),
    projection_hidden_act: optional(z.enum(activationNames), 'relu'),
    /** What configs within others say in full, with the one value that it has in an encoder. */
    cross_attention_hidden_size: z.null().optional(),
  },
  ['fusion_num_hidden_layers', 'fusion_hidden_act', 'projection_hidden_size'], // of plans that came to nothing
);
