import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDurably } from '@polymodal/core/node';
import { asStorageError } from '../errors/storage-error';
import type { LoadedPretrained } from './load-pretrained';
import { stringifyWithFloats } from './python-floats';
import { type SaveParametersOptions, saveParameters } from './save-parameters';

/** What belongs to a model beside its config and weights. */
const companions = [
  ...['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'preprocessor_config.json'],
  ...['processor_config.json', 'generation_config.json'],
];

const pythonTypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/**
 * Saves a model in Hugging Face layout, so that `from_pretrained` of Python's transformers takes it: `config.json`,
 * `model.safetensors` (or shards), and the files of tokenizer and processors that it came with.
 *
 * @throws StorageError if the file system does not take the files
 */
export async function savePretrained(
  { family, model, config, configFile, directory: origin }: LoadedPretrained,
  directory: string,
  options: SaveParametersOptions = {},
): Promise<void> {
  const { torch_dtype: _, ...settings } = configFile;
  const content = {
    ...settings,
    architectures: [family.architectures[configFile.model_type]],
    dtype: pythonTypes[options.dtype ?? 'F32'],
  };
  await saveParameters(model, directory, family.keys(config), options);
  try {
    await mkdir(directory, { recursive: true });
    const json = stringifyWithFloats(content, await originalConfig(origin));
    await writeDurably(join(directory, 'config.json'), `${json}\n`);
    if (origin !== undefined && resolve(origin) !== resolve(directory)) await copyCompanions(origin, directory);
  } catch (error) {
    throw asStorageError(error, directory);
  }
}

/** The text of the config.json that a model came with; undefined if there is none, or no more. */
async function originalConfig(origin: string | undefined): Promise<string | undefined> {
  const path = origin === undefined ? undefined : join(origin, 'config.json');
  return path !== undefined && existsSync(path) ? readFile(path, 'utf8') : undefined;
}

async function copyCompanions(origin: string, directory: string): Promise<void> {
  for (const name of companions.filter((candidate) => existsSync(join(origin, candidate)))) {
    await copyFile(join(origin, name), join(directory, name));
  }
}
