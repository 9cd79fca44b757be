import { PolymodalError, parseConfig, suggestNames, UnknownNameError } from '@polymodal/core';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { PretrainedConfig } from '../pretrained/config-files';
import type { FetchOptions } from '../pretrained/fetch-pretrained';
import { openPretrained } from '../pretrained/open-pretrained';
import { camelCased } from './camel-cased';
import type { ConfigOf, Family, ModelOf, ProcessorOf } from './define-family';
import { loadParameters } from './load-parameters';
import { storedNames } from './stored-names';

/** A model of a family, with all that its folder has. */
export interface LoadedPretrained<F extends Family = Family> {
  readonly family: F;
  readonly model: ModelOf<F>;
  /** What the model was made from. */
  readonly config: ConfigOf<F>;
  /** config.json as it stands in the folder. */
  readonly configFile: PretrainedConfig;
  /** Undefined where the folder has no files for one. */
  readonly processor: ProcessorOf<F>;
  /** The files beside the weights, by name, as they stand in the folder; none for a new model. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/**
 * Loads a model in Hugging Face layout.
 *
 * @param families those that may come
 * @param source   a folder, or a repository of the Hugging Face Hub; see `openPretrained`
 * @throws UnknownNameError for a model of none of them
 * @throws ConfigError for an option that is unknown or not implemented, by name
 * @throws CheckpointKeysError for a checkpoint with tensors of another model
 * @throws FileFormatError for a folder or a file that is malformed
 */
export async function loadPretrained<F extends Family>(
  families: readonly F[],
  source: string,
  options: FetchOptions = {},
): Promise<LoadedPretrained<F>> {
  const pretrained = await openPretrained(source, options);
  const { checkpoint, config: configFile, contents, directory } = pretrained;
  try {
    const family = familyOf(families, configFile, directory);
    const { config, model } = makeModel(family, configFile, directory, checkpoint);
    await loadParameters(model, checkpoint, family.keys(config));
    const processor = family.processor?.(pretrained, config) as ProcessorOf<F>;
    return { family, model, config, configFile, processor, contents };
  } finally {
    await checkpoint.close();
  }
}

/**
 * Makes a new model of a family, whose parameters have no values yet: give them some with `initialize`.
 *
 * @param configFile what would stand in config.json
 * @throws UnknownNameError, ConfigError as {@link loadPretrained}
 */
export function createFromConfig<F extends Family>(
  families: readonly F[],
  configFile: PretrainedConfig,
): LoadedPretrained<F> {
  const family = familyOf(families, configFile, '');
  const made = makeModel(family, configFile, '');
  return { ...made, family, configFile, processor: undefined as ProcessorOf<F>, contents: new Map() };
}

function familyOf<F extends Family>(families: readonly F[], { model_type }: PretrainedConfig, directory: string): F {
  const found = families.find(({ architectures }) => Object.hasOwn(architectures, model_type));
  if (found) return found;
  const known = families.flatMap(({ architectures }) => Object.keys(architectures));
  throw new UnknownNameError({
    where: placeOf(directory, 'model_type'),
    expected: 'a model of one of the given families',
    received: `"${model_type}"`,
    hint: suggestNames(model_type, known),
  });
}

/** What is wrong with a config may show only when a module is made from it: both are said of config.json. */
function makeModel<F extends Family>(
  family: F,
  configFile: PretrainedConfig,
  directory: string,
  checkpoint?: Checkpoint,
): { config: ConfigOf<F>; model: ModelOf<F> } {
  try {
    const config = camelCased(parseConfig(family.config, configFile, '')) as ConfigOf<F>;
    const stored = checkpoint ? storedNames(checkpoint, family.keys(config)) : { has: () => true };
    return { config, model: family.build(config, stored) as ModelOf<F> };
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at(placeOf(directory, error.where)) : error;
  }
}

function placeOf(directory: string, option: string | undefined): string {
  const file = directory ? `${directory}/config.json` : 'config.json';
  return option ? `${file}, ${option}` : file;
}
