import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { z } from 'zod';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
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
import { readJsonFile } from './read-json-file';

/** A tokenizer as a Hugging Face folder has it. */
export interface PretrainedTokenizer {
  readonly file: TokenizerFile;
  readonly config: TokenizerConfig;
  readonly specialTokens: SpecialTokensMap;
}

/** A model in Hugging Face layout. What its folder has not is `undefined`. */
export interface Pretrained {
  /** The folder. */
  readonly directory: string;
  readonly config: PretrainedConfig;
  readonly preprocessor: PreprocessorConfig | undefined;
  readonly processor: ProcessorConfig | undefined;
  readonly tokenizer: PretrainedTokenizer | undefined;
  readonly generation: GenerationConfig | undefined;
  /** Open; whoever asked for it closes it. */
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a model in Hugging Face layout: `config.json`, weights as safetensors, and the files of processors and tokenizer
 * that there are.
 *
 * @throws FileFormatError for a folder without config or weights, or with a file that is malformed
 */
export async function openPretrained(directory: string): Promise<Pretrained> {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new FileFormatError({ where: directory, expected: 'a folder in Hugging Face layout', received: 'no folder' });
  }
  const optional = <Schema extends z.ZodType>(name: string, schema: Schema) =>
    existsSync(join(directory, name)) ? readJsonFile(join(directory, name), schema) : undefined;
  const [config, preprocessor, processor, tokenizer, tokenizerSettings, specialTokens, generation] = await Promise.all([
    readJsonFile(join(directory, 'config.json'), modelConfig),
    optional('preprocessor_config.json', preprocessorConfig),
    optional('processor_config.json', processorConfig),
    optional('tokenizer.json', tokenizerFile),
    optional('tokenizer_config.json', tokenizerConfig),
    optional('special_tokens_map.json', specialTokensMap),
    optional('generation_config.json', generationConfig),
  ]);
  return {
    directory,
    config,
    preprocessor,
    processor,
    tokenizer: tokenizer && { file: tokenizer, config: tokenizerSettings ?? {}, specialTokens: specialTokens ?? {} },
    generation,
    checkpoint: await openCheckpoint(directory),
  };
}
