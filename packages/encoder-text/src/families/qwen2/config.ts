import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { llamaOptions } from '../llama/config';

const size = z.int().positive();

/** config.json of Qwen2; defaults as in HF `Qwen2Config`. */
export const qwen2Config = familyConfig({
  ...llamaOptions,
  vocab_size: optional(size, 151936),
  intermediate_size: optional(size, 22016),
  max_position_embeddings: optional(size, 32768),
  use_sliding_window: optional(z.boolean(), false),
  sliding_window: size.nullish(),
  max_window_layers: optional(z.int().min(0), 28),
  /** Positions in three dimensions are those of Qwen2-VL. */
  use_mrope: optional(z.literal(false), false),
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
});
