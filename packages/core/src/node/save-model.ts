import { StateError } from '../errors';
import { finiteValues } from '../finite-values';
import type { Model } from '../model';
import { processorFiles } from '../processor-files';
import { isRecord, requireArgument } from '../require-argument';
import { addFile } from './folder/add-file';
import { requirePlace } from './folder/require-place';
import { writeFolder } from './folder/write-folder';
import type { WrittenFile, WrittenFiles } from './folder/written-files';
import { modelFolder, modelManifest } from './model-manifest';
import { streamedFloats } from './safetensors/write-safetensors';
import { type WriteShardsOptions, writeShards } from './safetensors/write-shards';

/**
 * Saves a model as a folder, bit-exact: `config.json`, `model.safetensors` (in shards, with an index, beyond 5 GB) and
 * `processors/<slot>/…` and `targets/<head>/…` with what processors keep. Values pass through memory one parameter at a time.
 *
 * It is not to be trained until it is saved. A model that is there already is replaced as a whole: readers, also after a crash, find the former or the new one. Files of
 * others in its folder stay.
 *
 * ```ts
 * import { loadModel, saveModel } from '@polymodal/core/node';
 *
 * await saveModel(model, 'tomato-model');
 * const again = await loadModel(registry, 'tomato-model'); // answers the same, to the bit
 * ```
 *
 * @throws StorageError for a folder with other things and no model, a file system that refuses
 * @throws LockedError while another process saves there
 * @throws StateError for a model without parameters, or one that has no values yet
 * @throws NonFiniteError for one with a parameter that is NaN or infinite: what was there before stays
 */
export async function saveModel(
  model: Model,
  directory: string,
  options: Pick<WriteShardsOptions, 'maxShardSize'> = {},
): Promise<void> {
  requireArgument(isRecord(options), 'saveModel', 'an object of options', options);
  const { maxShardSize } = options;
  const parameters = parametersOf(model);
  await writeFolder(directory, modelFolder, async (folder) => {
    const tensors = [...parameters].map(([path, parameter]) =>
      streamedFloats(path, parameter.shape, () => finiteValues(path, parameter)),
    );
    const weights = await writeShards(folder, tensors, maxShardSize === undefined ? {} : { maxShardSize });
    const files = { ...weights, ...(await writeProcessors(model, folder)) };
    return { files, manifest: modelManifest(model.config, files) };
  });
}

/**
 * Makes sure that {@link saveModel} can write into a folder, before the training whose model it is for.
 *
 * @throws StorageError, LockedError as it would
 */
export function requireModelPlace(directory: string): Promise<void> {
  return requirePlace(directory, modelFolder);
}

function parametersOf(model: Model) {
  requireArgument(typeof model?.parameters === 'function' && isRecord(model.processors), 'saveModel', 'a model', model);
  const parameters = model.parameters();
  for (const { value } of parameters.values()) void value; // throws for one without a value, before anything is written
  if (parameters.size > 0) return parameters;
  throw new StateError({
    where: 'saveModel',
    expected: 'a model with parameters',
    received: 'one in which none is found',
    hint: 'Is there a second copy of @polymodal/core? "npm ls @polymodal/core" says so, "npm dedupe" mends it.',
  });
}

async function writeProcessors(model: Model, folder: string): Promise<WrittenFiles> {
  const files: Record<string, WrittenFile> = {};
  for (const [path, content] of processorFiles(model)) files[path] = await addFile(folder, path, content);
  return files;
}
