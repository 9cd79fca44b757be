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
import { type FetchOptions, fetchPretrained } from './fetch-pretrained';
import { readJsonFile } from './read-json-file';

/** A tokenizer as a Hugging Face folder has it. */
export interface PretrainedTokenizer {
  readonly file: TokenizerFile;
  readonly config: TokenizerConfig;
  readonly specialTokens: SpecialTokensMap;
}

/** A model in Hugging Face layout. What its folder has not is `undefined`. */
export interface Pretrained {
  /** The folder, in the cache for a repository that was fetched. */
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
 * @param folderOrRepository a folder, or, where there is none of that name, a repository of the hub (`owner/model`), which is
 *   fetched into the cache
 * @param options of the download
 * @throws FileFormatError for a folder without config or weights, or with a file that is malformed
 * @throws DownloadError, StorageError for a repository that cannot be fetched
 */
export async function openPretrained(folderOrRepository: string, options: FetchOptions = {}): Promise<Pretrained> {
  const isFolder = statSync(folderOrRepository, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder) return openFolder(folderOrRepository);
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(folderOrRepository)) {
    const expected = 'a folder in Hugging Face layout, or the name of a repository';
    throw new FileFormatError({ where: folderOrRepository, expected, received: 'a path without a folder' });
  }
  return openFolder(await fetchPretrained(folderOrRepository, options));
}

async function openFolder(directory: string): Promise<Pretrained> {
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
