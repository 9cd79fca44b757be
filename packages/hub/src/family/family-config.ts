import { z } from 'zod';

/**
 * Options of every config.json that change no number of a forward pass: what wrote it, how Python returns or trains things,
 * the labels and tokens of tasks, and (before transformers 5) how text is generated. Those that Python's class knows nothing of
 * need not stand here: `resolveFamily` passes over them, as Python does.
 */
const harmlessOptions = [
  ...[
    '_name_or_path',
    '_commit_hash',
    'model_type',
    'architectures',
    'transformers_version',
    'auto_map',
    'tokenizer_class',
  ],
  ...['dtype', 'torch_dtype', 'use_bfloat16', 'torchscript', 'tf_legacy_loss', 'use_cache', 'return_dict'],
  ...['_attn_implementation', '_attn_implementation_autoset', '_attn_implementation_internal', 'attn_implementation'],
  ...['output_attentions', 'output_hidden_states', 'gradient_checkpointing', 'initializer_range', 'initializer_factor'],
  ...['chunk_size_feed_forward', 'tie_word_embeddings', 'problem_type', 'id2label', 'label2id', 'num_labels'],
  ...['finetuning_task', 'task_specific_params', 'prefix', 'classifier_dropout', 'language', 'is_encoder_decoder'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id', 'decoder_start_token_id', 'forced_bos_token_id'],
  ...['forced_eos_token_id', 'suppress_tokens', 'begin_suppress_tokens', 'bad_words_ids', 'remove_invalid_values'],
  ...['max_length', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups', 'diversity_penalty'],
  ...['temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty', 'length_penalty', 'no_repeat_ngram_size'],
  ...['encoder_no_repeat_ngram_size', 'num_return_sequences', 'output_scores', 'return_dict_in_generate'],
  ...['exponential_decay_length_penalty', 'output_past', '_num_labels', 'tie_encoder_decoder'],
];

/**
 * The schema of a family's config.json. Options that change what the model computes stand in `shape`, with those that are
 * not implemented as literals of the value that they must have; those of `harmless` and the ones that every config has
 * change nothing here. Options that Python's class does not know either are passed over when a model is loaded, unless they look
 * like one of `shape` misspelt.
 */
export function familyConfig<Shape extends z.ZodRawShape>(shape: Shape, harmless: readonly string[] = []) {
  const passedOver = Object.fromEntries(
    [...harmlessOptions, ...harmless].filter((name) => !(name in shape)).map((name) => [name, z.unknown().optional()]),
  );
  return z.strictObject({ ...shape, quantization_config: notQuantized, ...passedOver } as Shape);
}

/** Weights of fewer bits are not implemented. */
const notQuantized = z.null({ error: 'none, since quantised weights are not implemented' }).optional();

/** An option that is left out, or null, in configs that mean its default: Python writes both. */
export function optional<Schema extends z.ZodType>(schema: Schema, byDefault: z.output<Schema>) {
  return schema.nullish().transform((value) => (value ?? byDefault) as z.output<Schema>);
}
