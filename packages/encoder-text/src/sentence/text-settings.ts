import { ConfigError } from '@polymodal/core';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** What sentence-transformers does to a text before its tokens reach the Transformer. */
export interface TextSettings {
  /** Most tokens of a text; undefined where the tokenizer's own length holds. */
  readonly maxLength: number | undefined;
  readonly lowerCase: boolean;
  /** Texts that may stand before each text, by name. */
  readonly prompts: Readonly<Record<string, string>>;
  /** The name of the one that does, unless told otherwise. */
  readonly defaultPrompt: string | undefined;
}

/** The file in which `max_seq_length` stands, of its first versions under a name for each architecture. */
export const transformerConfigNames = [
  'sentence_bert_config.json',
  'sentence_roberta_config.json',
  'sentence_xlm-roberta_config.json',
] as const;

/** The file with the prompts. */
export const promptsName = 'config_sentence_transformers.json';

const none = z.union([z.null(), z.strictObject({})]).optional();

/** Of a Transformer that takes texts and gives the tokens of its last layer. */
const transformerConfig = z.strictObject({
  max_seq_length: z.int().positive().nullish(),
  do_lower_case: z.boolean().nullish(),
  transformer_task: z.literal('feature-extraction').nullish(),
  module_output_name: z.literal('token_embeddings').nullish(),
  modality_config: z
    .strictObject({
      text: z.strictObject({ method: z.literal('forward'), method_output_name: z.literal('last_hidden_state') }),
    })
    .nullish(),
  unpad_inputs: z.boolean().nullish(), // how padding is avoided, not what comes out
  model_args: none,
  tokenizer_args: none,
  config_args: none,
  model_kwargs: none,
  processor_kwargs: none,
  config_kwargs: none,
  processing_kwargs: none,
  query_length: z.null().optional(),
  document_length: z.null().optional(),
  query_expansion: z.null().optional(),
});

const sentenceConfig = z.strictObject({
  prompts: z.record(z.string(), z.string().nullable()).nullish(),
  default_prompt_name: z.string().nullish(),
  model_type: z.literal('SentenceTransformer').nullish(),
  similarity_fn_name: z.string().nullish(), // how two vectors are compared
  __version__: z.unknown().optional(),
});

/**
 * Reads what a folder of sentence-transformers says of texts; of another folder there is nothing to read.
 *
 * @throws FileFormatError for an option that is not implemented, by name
 * @throws ConfigError for a default prompt that there is none of
 */
export function textSettings(files: ReadonlyMap<string, Uint8Array>): TextSettings {
  const parsed = <Schema extends z.ZodType>(name: string, schema: Schema) => {
    const content = files.get(name);
    return content && parseJsonFile(content, name, schema);
  };
  const name = transformerConfigNames.find((each) => files.has(each));
  const transformer = name === undefined ? undefined : parsed(name, transformerConfig);
  const sentence = parsed(promptsName, sentenceConfig);
  const prompts = Object.fromEntries(Object.entries(sentence?.prompts ?? {}).map(([key, text]) => [key, text ?? '']));
  const defaultPrompt = sentence?.default_prompt_name ?? undefined;
  if (defaultPrompt !== undefined && !Object.hasOwn(prompts, defaultPrompt)) {
    const expected = `one of its prompts: ${Object.keys(prompts).join(', ') || 'there are none'}`;
    throw new ConfigError({ where: `${promptsName}, default_prompt_name`, expected, received: `"${defaultPrompt}"` });
  }
  return {
    maxLength: transformer?.max_seq_length ?? undefined,
    lowerCase: transformer?.do_lower_case ?? false,
    prompts,
    defaultPrompt,
  };
}
