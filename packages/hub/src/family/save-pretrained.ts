import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asStorageError } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import type { LoadedPretrained } from './load-pretrained';
import { placeInWhole } from './place-in-whole';
import { stringifyWithFloats } from './python-floats';
import { type SaveParametersOptions, saveParameters } from './save-parameters';

const pythonTypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/**
 * Saves a model in Hugging Face layout, so that `from_pretrained` of Python's transformers takes it: `config.json`,
 * `model.safetensors` (or shards), and the files of tokenizer and processors that it came with.
 *
 * @throws StorageError if the file system does not take the files
 */
export async function savePretrained(
  { family, model, config, configFile, contents }: Omit<LoadedPretrained, 'processor'>,
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
  const file = contents.get('config.json');
  const original = file && new TextDecoder().decode(file);
  const part = original && placeInWhole(family, JSON.parse(original))?.config;
  const json = stringifyWithFloats(content, original, part);
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, bytes] of contents) {
      if (name === 'config.json') continue;
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await replaceFile(join(directory, name), bytes);
    }
    await replaceFile(join(directory, 'config.json'), `${json}\n`);
  } catch (error) {
    throw asStorageError(error, directory);
  }
}
