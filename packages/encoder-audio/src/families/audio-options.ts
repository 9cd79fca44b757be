import { optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** Kinds of options in the config.json of audio models, each with its default. */
export const option = {
  /** A positive integer. */
  size: (byDefault: number) => optional(size, byDefault),
  /** One for each layer. */
  sizes: (byDefault: number[]) => optional(z.array(size).min(1), byDefault),
  /** An integer ≥ 0. */
  count: (byDefault: number) => optional(z.int().min(0), byDefault),
  rate: (byDefault: number) => optional(rate, byDefault),
  positive: (byDefault: number) => optional(z.number().positive(), byDefault),
  flag: (byDefault: boolean) => optional(z.boolean(), byDefault),
  activation: (byDefault: (typeof activationNames)[number]) => optional(z.enum(activationNames), byDefault),
};

/** Options that every config in full has, with the one value that they have in an encoder. */
export const encoderOptions = {
  is_decoder: optional(z.literal(false), false),
  add_cross_attention: optional(z.literal(false), false),
  cross_attention_hidden_size: z.null().optional(),
  pruned_heads: optional(z.strictObject({}), {}),
};

/** SpecAugment (Park et al. 2019): spans of frames, and of features, that are masked in training. */
export const specAugmentOptions = (applied: boolean) => ({
  apply_spec_augment: option.flag(applied),
  mask_time_prob: option.rate(0.05),
  mask_time_length: option.size(10),
  mask_time_min_masks: option.count(2),
  mask_feature_prob: option.rate(0),
  mask_feature_length: option.size(10),
  mask_feature_min_masks: option.count(0),
});
