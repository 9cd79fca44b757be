import { PolymodalError, parseConfig, suggestNames, UnknownNameError } from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
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
  /** The folder that it came from; undefined for a new model. */
  readonly directory: string | undefined;
}

/**
 * Loads a model from a folder in Hugging Face layout.
 *
 * @param families those that may come
 * @throws UnknownNameError for a model of none of them
 * @throws ConfigError for an option that is unknown or not implemented, by name
 * @throws CheckpointKeysError for a checkpoint with tensors of another model
 * @throws FileFormatError for a folder or a file that is malformed
 */
export async function loadPretrained<F extends Family>(
  families: readonly F[],
  directory: string,
): Promise<LoadedPretrained<F>> {
  const pretrained = await openPretrained(directory);
  const { checkpoint, config: configFile } = pretrained;
  try {
    const family = familyOf(families, configFile, directory);
    const config = parseFamilyConfig(family, configFile, directory);
    const keyMap = family.keys(config);
    const model = family.build(config, storedNames(checkpoint, keyMap)) as ModelOf<F>;
    await loadParameters(model, checkpoint, keyMap);
    const processor = (await family.processor?.(pretrained, config)) as ProcessorOf<F>;
    return { family, model, config, configFile, processor, directory };
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
  const config = parseFamilyConfig(family, configFile, '');
  const model = family.build(config, { has: () => true }) as ModelOf<F>;
  return { family, model, config, configFile, processor: undefined as ProcessorOf<F>, directory: undefined };
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

function parseFamilyConfig<F extends Family>(family: F, configFile: PretrainedConfig, directory: string): ConfigOf<F> {
  try {
    return camelCased(parseConfig(family.config, configFile, '')) as ConfigOf<F>;
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at(placeOf(directory, error.where)) : error;
  }
}

function placeOf(directory: string, option: string | undefined): string {
  const file = directory ? `${directory}/config.json` : 'config.json';
  return option ? `${file}, ${option}` : file;
}
