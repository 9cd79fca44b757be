import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeUnchecked } from '../compose-model';
import { FileFormatError } from '../errors';
import type { Model } from '../model';
import { writeParameters } from '../parameter-values';
import type { Registry } from '../registry';
import { decodeSafetensors } from '../safetensors';
import { existingModelFolder, modelFolderVersion } from './save-model';

/**
 * Loads a model that `saveModel` wrote.
 *
 * @param registry must hold the parts that the model's config uses
 * @throws FileFormatError for a folder that is incomplete, malformed or of another version
 * @throws UnknownNameError for a part that the registry lacks
 */
export async function loadModel(registry: Registry, path: string): Promise<Model> {
  const directory = await existingModelFolder(path);
  const config = await readConfig(directory);
  const weightsPath = join(directory, 'model.safetensors');
  const { tensors } = decodeSafetensors(await readPart(directory, 'model.safetensors'), weightsPath);
  const model = composeUnchecked(registry, config, {
    initialize: false,
    savedFile: (slot, name) => {
      const path = join(directory, 'processors', slot, name);
      return existsSync(path) ? readFileSync(path) : undefined;
    },
  });
  writeParameters(model, tensors, weightsPath);
  return model;
}

async function readConfig(directory: string): Promise<unknown> {
  const where = join(directory, 'config.json');
  const text = new TextDecoder().decode(await readPart(directory, 'config.json'));
  let content: { polymodal?: unknown; config?: unknown };
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new FileFormatError({ where, expected: 'JSON', received: 'text that is none', cause });
  }
  if (content?.polymodal !== modelFolderVersion) {
    throw new FileFormatError({
      where,
      expected: `a model folder of version ${modelFolderVersion}`,
      received: content?.polymodal === undefined ? 'a config without version' : `version ${content.polymodal}`,
      hint: 'Only folders written by saveModel can be loaded here.',
    });
  }
  return content.config;
}

async function readPart(directory: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(directory, name));
  } catch (cause) {
    throw new FileFormatError({
      where: directory,
      expected: `a model folder with ${name}`,
      received: existsSync(directory) ? 'a folder without it' : 'a folder that does not exist',
      hint: 'Give the folder that saveModel wrote.',
      cause,
    });
  }
}
