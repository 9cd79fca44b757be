import { optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { sidesOption } from '../sides';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** Kinds of options in the config.json of vision models, each with its default. */
export const option = {
  /** A positive integer. */
  size: (byDefault: number) => optional(size, byDefault),
  /** One for both sides, or [height, width]. */
  sides: (byDefault: number) => optional(sidesOption, byDefault),
  /** One for each stage. */
  sizes: (byDefault: number[]) => optional(z.array(size).min(1), byDefault),
  rate: (byDefault: number) => optional(rate, byDefault),
  positive: (byDefault: number) => optional(z.number().positive(), byDefault),
  flag: (byDefault: boolean) => optional(z.boolean(), byDefault),
  activation: (byDefault: (typeof activationNames)[number]) => optional(z.enum(activationNames), byDefault),
};

/** What a backbone of a detector returns, and the head of a masked image model: no part of the encoder. */
export const backboneOptions = [
  ...['stage_names', 'out_features', 'out_indices', '_out_features', '_out_indices', 'apply_layernorm'],
  ...['reshape_hidden_states', 'encoder_stride'],
];

/** Options that every config in full has, old ones and those within others, with the one value that they have in an encoder. */
export const encoderOptions = {
  is_decoder: optional(z.literal(false), false),
  add_cross_attention: optional(z.literal(false), false),
  cross_attention_hidden_size: z.null().optional(),
  tie_encoder_decoder: optional(z.literal(false), false),
  pruned_heads: optional(z.strictObject({}), {}),
};
