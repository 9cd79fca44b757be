import { z } from 'zod';

/** `config.json`: what a model is. Families read their own keys from it, with schemas of their own. */
export const modelConfig = z.looseObject({
  /** `''` where the file has none. */
  model_type: z
    .string()
    .nullish()
    .transform((type) => type ?? ''),
  architectures: z.array(z.string()).nullish(),
});

const sizes = z.union([z.number(), z.array(z.number()), z.record(z.string(), z.number().nullable())]);

/** `preprocessor_config.json`: how pictures or sounds become the numbers that a model takes. */
export const preprocessorConfig = z.looseObject({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  do_resize: z.boolean().nullish(),
  size: sizes.nullish(),
  resample: z.number().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: sizes.nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: z.union([z.number(), z.array(z.number())]).nullish(),
  image_std: z.union([z.number(), z.array(z.number())]).nullish(),
  sampling_rate: z.number().nullish(),
  feature_size: z.number().nullish(),
  padding_value: z.number().nullish(),
  return_attention_mask: z.boolean().nullish(),
});

/** `processor_config.json`: where transformers ≥ 5 keeps the settings of several preprocessors, each under its name. */
export const processorConfig = z.looseObject({
  processor_class: z.string().nullish(),
  image_processor: preprocessorConfig.nullish(),
  feature_extractor: preprocessorConfig.nullish(),
});

/** `tokenizer.json`: a whole tokenizer, as Python's tokenizers save it. */
export const tokenizerFile = z.looseObject({
  version: z.string().nullish(),
  model: z.looseObject({ type: z.string().nullish() }),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })).nullish(),
});

/** A special token: its text, or that with how it is split off. */
const specialToken = z.union([z.string(), z.looseObject({ content: z.string() })]);

/** `tokenizer_config.json`: what Python's tokenizer classes add to the tokenizer. */
export const tokenizerConfig = z.looseObject({
  tokenizer_class: z.string().nullish(),
  /** What Python writes where nothing is known is 10 to the 30th. */
  model_max_length: z
    .number()
    .refine((length) => length >= 1 && Number.isInteger(length), 'a whole number above 0')
    .nullish(),
  padding_side: z.enum(['left', 'right']).nullish(),
  truncation_side: z.enum(['left', 'right']).nullish(),
  pad_token: specialToken.nullish(),
  bos_token: specialToken.nullish(),
  eos_token: specialToken.nullish(),
  unk_token: specialToken.nullish(),
  cls_token: specialToken.nullish(),
  sep_token: specialToken.nullish(),
  mask_token: specialToken.nullish(),
});

/** `special_tokens_map.json`: the special tokens by their parts. */
export const specialTokensMap = z.record(
  z.string(),
  z.union([specialToken, z.array(specialToken), z.record(z.string(), specialToken)]),
);

const tokenIds = z.union([z.number().int(), z.array(z.number().int())]);

/** `generation_config.json`: how a language model continues a text unless it is told otherwise. */
export const generationConfig = z.looseObject({
  bos_token_id: tokenIds.nullish(),
  eos_token_id: tokenIds.nullish(),
  pad_token_id: tokenIds.nullish(),
  max_length: z.number().int().nullish(),
  max_new_tokens: z.number().int().nullish(),
  do_sample: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_k: z.number().nullish(),
  top_p: z.number().nullish(),
});

export type PretrainedConfig = z.output<typeof modelConfig>;
export type PreprocessorConfig = z.output<typeof preprocessorConfig>;
export type ProcessorConfig = z.output<typeof processorConfig>;
export type TokenizerFile = z.output<typeof tokenizerFile>;
export type TokenizerConfig = z.output<typeof tokenizerConfig>;
export type SpecialTokensMap = z.output<typeof specialTokensMap>;
export type GenerationConfig = z.output<typeof generationConfig>;
