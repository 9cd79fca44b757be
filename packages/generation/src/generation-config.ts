import { camelCased, type PretrainedConfig, parseJsonFile, parsePythonConfig } from '@polymodal/hub';
import { z } from 'zod';
import { type GenerationOptions, generationOptions } from './generation-options';

/**
 * The options that a model comes with: those of its generation_config.json; of an older one, without that file, those that stand
 * in its config.json. What is null is left out,
 * and what only drawing reads where nothing is drawn: files have numbers there with which nothing could be (a temperature of 0).
 *
 * @param doSample whether tokens are drawn, where the file is not to decide
 * @throws ConfigError for an option that changes what is generated and is not implemented, and for one that is misspelt, by name
 */
export function generationConfig(
  contents: ReadonlyMap<string, Uint8Array>,
  configFile: PretrainedConfig,
  doSample?: boolean,
): GenerationOptions {
  const content = contents.get(fileName);
  const source = content ? parseJsonFile(content, fileName, z.looseObject({})) : optionsIn(configFile);
  const draws = doSample ?? source.do_sample === true;
  const given = Object.entries(source).filter(
    ([name, value]) => value !== null && (draws || !ofDrawing.includes(name)),
  );
  const parsed = parsePythonConfig(fileSchema, Object.fromEntries(given), content ? fileName : 'config.json');
  const options = Object.fromEntries(Object.entries(parsed).filter(([name]) => implemented.includes(name)));
  return camelCased(options) as GenerationOptions;
}

/** What only drawing reads. */
const ofDrawing = ['temperature', 'top_k', 'top_p', 'min_p', 'top_h', 'typical_p', 'epsilon_cutoff', 'eta_cutoff'];

const fileName = 'generation_config.json';

/** Python's name of each option that is implemented. */
const shape = Object.fromEntries(
  Object.entries(generationOptions.omit({ constraint: true }).shape).map(([name, schema]) => [
    snakeCased(name),
    schema,
  ]),
);
const implemented = Object.keys(shape);

const unknown = z.never({ error: 'null, since it is not implemented' });

/** What changes the result and is not implemented, with the values at which it does not. */
const neutral = {
  num_beam_groups: z.literal(1),
  diversity_penalty: z.literal(0),
  penalty_alpha: z.literal(0),
  guidance_scale: z.literal(1),
  top_h: unknown,
  epsilon_cutoff: z.literal(0),
  eta_cutoff: z.literal(0),
  dola_layers: unknown,
  encoder_repetition_penalty: z.literal(1),
  encoder_no_repeat_ngram_size: z.literal(0),
  sequence_bias: unknown,
  constraints: unknown,
  force_words_ids: unknown,
  forced_bos_token_id: unknown,
  forced_eos_token_id: unknown,
  exponential_decay_length_penalty: unknown,
  remove_invalid_values: z.literal(false),
  max_time: unknown,
  token_healing: z.literal(false),
  watermarking_config: unknown,
};

/** What changes no token: how the result is returned, where keys and values are kept, how guesses are sped up. */
const harmless = [
  ...['_from_model_config', 'transformers_version', 'trust_remote_code', 'bos_token_id', 'pad_token_id'],
  ...['decoder_start_token_id', 'output_attentions', 'output_hidden_states', 'output_scores', 'output_logits'],
  ...['return_dict_in_generate', 'return_legacy_cache', 'use_cache', 'cache_implementation', 'cache_config'],
  ...['max_cache_len', 'compile_config', 'disable_compile', 'continuous_batching_config', 'prefill_chunk_size'],
  ...['low_memory', 'renormalize_logits', 'is_assistant', 'use_mtp'],
  ...['num_assistant_tokens', 'num_assistant_tokens_schedule', 'assistant_confidence_threshold'],
  ...['prompt_lookup_num_tokens', 'max_matching_ngram_size', 'assistant_early_exit', 'assistant_lookbehind'],
  ...['target_lookbehind', 'assistant_ensemble_weight', 'speculation_type', 'chat_format', 'max_window_size'],
];

const optional = (schemas: Readonly<Record<string, z.ZodType>>) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.optional()]));

const fileSchema = z.strictObject({
  ...Object.fromEntries(harmless.map((name) => [name, z.unknown().optional()])),
  ...optional(neutral),
  ...shape,
});

/** Before generation_config.json, and still the ids of tokens, how to generate stood in config.json. */
function optionsIn(configFile: PretrainedConfig): Readonly<Record<string, unknown>> {
  const known = new Set(Object.keys(fileSchema.shape));
  return Object.fromEntries(Object.entries(configFile).filter(([name]) => known.has(name)));
}

function snakeCased(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
