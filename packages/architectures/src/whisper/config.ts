import { whisper } from '@polymodal/encoder-audio/pretrained';
import { optional } from '@polymodal/hub';
import { z } from 'zod';

const size = z.int().positive();

/** config.json of Whisper, whole (HF `WhisperConfig`): that of the encoder, with what it says of the decoder. */
export const whisperWholeConfig = whisper.config.extend({
  vocab_size: optional(size, 51865),
  decoder_layers: optional(size, 4),
  decoder_attention_heads: optional(size, 6),
  decoder_ffn_dim: optional(size, 1536),
  decoder_layerdrop: optional(z.literal(0, { error: '0, since it is not implemented in the decoder' }), 0),
  max_target_positions: optional(size, 448),
  scale_embedding: optional(z.literal(false, { error: 'false, since nothing published has it otherwise' }), false),
  tie_word_embeddings: optional(z.boolean(), true),
});
