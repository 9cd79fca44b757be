import { PolymodalError, parseConfig, suggestNames, UnknownNameError } from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
import { camelCased } from './camel-cased';
import type { ConfigOf, Family, ModelOf } from './define-family';
import type { KeyMap } from './key-map';
import { configOfPart, keysInWhole, placeInWhole } from './place-in-whole';
import { storedNames } from './stored-names';

/** A config.json and the family that it belongs to. */
export interface ResolvedFamily<F extends Family = Family> {
  readonly family: F;
  /** As it stands in the file; of a larger model, the part that is the family's. */
  readonly configFile: PretrainedConfig;
  readonly config: ConfigOf<F>;
  /** For the checkpoint beside the file. */
  readonly keys: KeyMap;
  /**
   * Makes the model, without values.
   *
   * @param names the tensors of its checkpoint; a new model, without one, has all parts
   */
  build(names?: readonly string[]): ModelOf<F>;
}

/**
 * Finds the family of a config.json and checks it.
 *
 * @param directory how error messages call its folder; '' for none
 * @throws UnknownNameError for a model of none of the families
 * @throws ConfigError for an option that is unknown or not implemented, by name
 */
export function resolveFamily<F extends Family>(
  families: readonly F[],
  whole: PretrainedConfig,
  directory: string,
): ResolvedFamily<F> {
  const family = familyOf(families, whole, directory);
  const place = placeInWhole(family, whole);
  const configFile = place ? configOfPart(whole, place) : whole;
  const where = placeOf(directory, place?.config);
  const config = located(where, () => camelCased(parseConfig(family.config, configFile, '')) as ConfigOf<F>);
  const keys = place ? keysInWhole(family.keys(config), place) : family.keys(config);
  return {
    family,
    configFile,
    config,
    keys,
    build: (names) => {
      const stored = names ? storedNames({ names }, keys) : { has: () => true };
      return located(where, () => family.build(config, stored) as ModelOf<F>);
    },
  };
}

function familyOf<F extends Family>(families: readonly F[], { model_type }: PretrainedConfig, directory: string): F {
  const found =
    families.find(({ architectures }) => Object.hasOwn(architectures, model_type)) ??
    families.find(({ within = {} }) => Object.hasOwn(within, model_type));
  if (found) return found;
  const known = families.flatMap(({ architectures, within = {} }) => Object.keys({ ...architectures, ...within }));
  throw new UnknownNameError({
    where: placeOf(directory, 'model_type'),
    expected: 'a model of one of the given families',
    received: `"${model_type}"`,
    hint: suggestNames(model_type, known),
  });
}

/** What is wrong with a config may show only when a module is made from it: both are said of config.json. */
function located<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at([where, error.where].filter(Boolean).join(', ')) : error;
  }
}

function placeOf(directory: string, option?: string): string {
  const file = directory ? `${directory}/config.json` : 'config.json';
  return option ? `${file}, ${option}` : file;
}
