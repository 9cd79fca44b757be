import { z } from 'zod';
import { type ComposeOptions, composeUnchecked } from '../compose-model';
import type { Model } from '../model';
import { ParameterFiller } from '../parameter-values';
import { parseConfig } from '../parse-config';
import type { Registry } from '../registry';
import { requireArgument } from '../require-argument';
import { readSavedModel } from './saved-model';

/** How a model is loaded. */
export type LoadModelOptions = Pick<ComposeOptions, 'readFiles'>;

const loadModelOptions = z.strictObject({ readFiles: z.boolean().optional() });

/**
 * Loads a model that `saveModel` wrote. Every file is held against the checksum that was written with the model, so parts of two
 * models are never taken for one.
 *
 * ```ts
 * import { createRegistry } from '@polymodal/core';
 * import { discoverPlugins, loadModel } from '@polymodal/core/node';
 *
 * const registry = createRegistry(await discoverPlugins(process.cwd())); // or a list of plugins
 * const model = await loadModel(registry, 'tomato-model');
 * ```
 *
 * @param registry must hold the parts that the model's config uses
 * @param options `readFiles: false` where strangers send the samples
 * @throws FileFormatError for a folder that is incomplete, malformed, changed or of another version
 * @throws StorageError for one that cannot be read, ConfigError for what is no registry or no path
 * @throws UnknownNameError for a part that the registry lacks
 */
export async function loadModel(registry: Registry, directory: string, options: LoadModelOptions = {}): Promise<Model> {
  parseConfig(loadModelOptions, options, 'loadModel');
  requireArgument(typeof registry?.encoder === 'function', 'loadModel', 'a registry', registry);
  return readSavedModel(directory, async (saved) => {
    const files = await saved.processorFiles();
    const model = composeUnchecked(registry, saved.config, {
      ...options,
      initialize: false,
      savedFile: (part, name) => files.get(`${part}/${name}`),
    });
    try {
      const filler = new ParameterFiller(model, directory);
      await saved.readWeights((path, value) => filler.fill(path, value));
      filler.finish();
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  });
}
