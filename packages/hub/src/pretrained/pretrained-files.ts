import { FileFormatError } from '@polymodal/core';
import type { z } from 'zod';
import {
  type GenerationConfig,
  generationConfig,
  modelConfig,
  type PreprocessorConfig,
  type PretrainedConfig,
  type ProcessorConfig,
  preprocessorConfig,
  processorConfig,
  type SpecialTokensMap,
  specialTokensMap,
  type TokenizerConfig,
  type TokenizerFile,
  tokenizerConfig,
  tokenizerFile,
} from './config-files';
import { parseJsonFile } from './parse-json-file';

/** A tokenizer as a Hugging Face folder has it. */
export interface PretrainedTokenizer {
  /**
   * Parsed when it is asked for, since it may have many megabytes.
   *
   * @throws FileFormatError for a file that is malformed
   */
  readonly file: () => TokenizerFile;
  readonly config: TokenizerConfig;
  readonly specialTokens: SpecialTokensMap;
}

/** What stands beside the weights of a model in Hugging Face layout. What its folder has not is `undefined`. */
export interface PretrainedFiles {
  readonly config: PretrainedConfig;
  readonly preprocessor: PreprocessorConfig | undefined;
  readonly processor: ProcessorConfig | undefined;
  readonly tokenizer: PretrainedTokenizer | undefined;
  readonly generation: GenerationConfig | undefined;
  /** The files as they stand in the folder, by name. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** The names of these files; a folder always has the first. */
export const pretrainedFileNames = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'special_tokens_map.json',
  'generation_config.json',
  'chat_template.jinja',
  'chat_template.json',
  'modules.json',
  'config_sentence_transformers.json',
  // how many tokens sentence-transformers takes; of its first versions under a name for each architecture
  'sentence_bert_config.json',
  'sentence_roberta_config.json',
  'sentence_xlm-roberta_config.json',
];

/** Which of the {@link pretrainedFileNames} count, of the names that a folder has: its vocabulary where that is all that there is of a tokenizer. */
export function wantedFileNames(available: (name: string) => boolean): string[] {
  return pretrainedFileNames.filter(available).filter((name) => name !== 'vocab.json' || !available('tokenizer.json'));
}

/**
 * Reads the files that stand beside the weights of a model.
 *
 * @param contents those that there are
 * @param where    how error messages call their folder
 * @throws FileFormatError for a file that is malformed, and where there is no config.json
 */
export function parsePretrainedFiles(contents: ReadonlyMap<string, Uint8Array>, where: string): PretrainedFiles {
  const optional = <Schema extends z.ZodType>(name: string, schema: Schema) => {
    const content = contents.get(name);
    return content && parseJsonFile(content, `${where}/${name}`, schema);
  };
  const config = optional('config.json', modelConfig);
  if (!config) {
    const expected = 'a folder in Hugging Face layout, with config.json';
    throw new FileFormatError({ where, expected, received: 'a folder without it' });
  }
  return {
    config,
    preprocessor: optional('preprocessor_config.json', preprocessorConfig),
    processor: optional('processor_config.json', processorConfig),
    tokenizer: contents.has('tokenizer.json')
      ? {
          file: once(() => parseJsonFile(contents.get('tokenizer.json')!, `${where}/tokenizer.json`, tokenizerFile)),
          config: optional('tokenizer_config.json', tokenizerConfig) ?? {},
          specialTokens: optional('special_tokens_map.json', specialTokensMap) ?? {},
        }
      : undefined,
    generation: optional('generation_config.json', generationConfig),
    contents,
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
