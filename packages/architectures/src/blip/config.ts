import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

const size = z.int().positive();
const id = z.int().min(0);
const rate = z.number().min(0).lt(1);

/** What smooths labels, in the config of the whole or of the decoder. */
const noSmoothing = optional(z.literal(0, { error: '0, since smoothing the labels of texts is not implemented' }), 0);

/** What writes (HF `BlipTextConfig`). */
const decoder = z
  .looseObject({
    model_type: optional(z.literal('blip_text_model'), 'blip_text_model'),
    vocab_size: optional(size, 30524),
    hidden_size: optional(size, 768),
    intermediate_size: optional(size, 3072),
    num_hidden_layers: optional(size, 12),
    num_attention_heads: optional(size, 8),
    max_position_embeddings: optional(size, 512),
    hidden_act: optional(z.enum(activationNames), 'gelu'),
    layer_norm_eps: optional(z.number().positive(), 1e-12),
    hidden_dropout_prob: optional(rate, 0),
    attention_probs_dropout_prob: optional(rate, 0),
    bos_token_id: optional(id, 30522),
    sep_token_id: optional(id, 102),
    tie_word_embeddings: optional(z.literal(true, { error: 'true: the head is tied to the words' }), true),
    label_smoothing: noSmoothing,
  })
  .superRefine(({ vocab_size: size, ...ids }, context) => {
    for (const name of ['bos_token_id', 'sep_token_id'] as const) {
      if (ids[name] >= size)
        context.addIssue({ code: 'custom', path: [name], message: `an id below vocab_size, ${size}` });
    }
  });

const tower = z.looseObject({
  model_type: optional(z.literal('blip_vision_model'), 'blip_vision_model'),
  hidden_size: optional(size, 768),
});

/** config.json of BLIP (HF `BlipConfig`). */
export const blipConfig = familyConfig(
  { text_config: orDefaults(decoder), vision_config: orDefaults(tower), label_smoothing: noSmoothing },
  // of the model that compares pictures with texts
  ['projection_dim', 'logit_scale_init_value', 'image_text_hidden_size', 'tie_word_embeddings'],
);
