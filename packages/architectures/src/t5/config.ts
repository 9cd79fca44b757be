import { t5 } from '@polymodal/encoder-text/pretrained';
import { optional } from '@polymodal/hub';
import { z } from 'zod';

const id = z.int().min(0);

/** config.json of T5, whole (HF `T5Config`): that of the encoder, with what it says of the decoder. */
export const t5WholeConfig = t5.config.extend({
  num_decoder_layers: z.int().positive().nullish(),
  tie_word_embeddings: optional(z.boolean(), true),
  /** What transformers 5 says in the place of `tie_word_embeddings`, which it then has as true whatever the weights are. */
  scale_decoder_outputs: z.boolean().nullish(),
  decoder_start_token_id: id.nullish(),
  pad_token_id: id.nullish(),
});
