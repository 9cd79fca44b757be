import {
  limitParameters,
  modelLimit,
  type ParameterLimit,
  PolymodalError,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
import { parsePretrainedFiles } from '../pretrained/pretrained-files';
import { adjust } from './adjust';
import type { Adjusted, AdjustmentOptions } from './adjustment';
import { camelCased } from './camel-cased';
import type { ConfigOf, Family, ModelOf, ProcessorOf } from './define-family';
import type { KeyMap } from './key-map';
import { keysWithoutLayers } from './keys-without-layers';
import { parsePythonConfig } from './parse-python-config';
import { configOfPart, isWithin, keysInWhole, placeInWhole } from './place-in-whole';
import { storedNames } from './stored-names';
import { withTensorNames } from './tensor-names';
import { withModelType } from './with-model-type';

/** A config.json and the family that it belongs to. */
export interface ResolvedFamily<F extends Family = Family> {
  readonly family: F;
  /** As it stands in the file, with what was adjusted; of a larger model, the part that is the family's. */
  readonly configFile: PretrainedConfig;
  /** The files beside the weights, with what was adjusted. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly config: ConfigOf<F>;
  /** For the checkpoint beside the file. */
  readonly keys: KeyMap;
  /**
   * Makes the model, without values.
   *
   * @param names the tensors of its checkpoint; a new model, without one, has all parts
   * @param from  how whoever loads it called its folder or repository
   * @throws ConfigError for a config of a model that is far larger than that
   */
  build(names?: readonly string[], from?: string): ModelOf<F>;
  /** Makes the processor, from the files beside the weights; undefined where these are not there. */
  processor(): ProcessorOf<F> | undefined;
}

/**
 * Finds the family of a config.json and checks it.
 *
 * @param folder    its config.json, and the files beside the weights
 * @param directory how error messages call it; '' for none
 * @param options   what is asked beyond what the folder says
 * @throws UnknownNameError for a model of none of the families
 * @throws ConfigError for an option that is unknown or not implemented, by name
 */
export function resolveFamily<F extends Family>(
  families: readonly F[],
  { config: said, contents: before }: Adjusted,
  directory: string,
  options: AdjustmentOptions = {},
): ResolvedFamily<F> {
  const whole = withModelType(families, said, directory);
  const family = familyOf(families, whole, directory);
  const place = placeInWhole(family, whole);
  const part = { config: place ? configOfPart(whole, place) : whole, contents: before };
  const { config: configFile, contents } = adjust(family, options, part);
  const where = placeOf(directory, place?.config);
  const config = located(where, () => camelCased(parsePythonConfig(family.config, configFile)) as ConfigOf<F>);
  const kept = options.numHiddenLayers as number | undefined;
  const own = kept === undefined ? family.keys(config) : keysWithoutLayers(family.keys(config), kept);
  const keys = place ? keysInWhole(own, place, whole) : own;
  return {
    family,
    configFile,
    contents,
    config,
    keys,
    build: (names, from = configFile.model_type) => {
      const stored = names ? storedNames({ names }, keys) : { has: () => true };
      const adjusted = place || Object.keys(options).length === 0 ? contents : withConfig(contents, configFile);
      const files = names ? withTensorNames(adjusted, names) : adjusted;
      const make = () => family.build(config, stored, files, from) as ModelOf<F>;
      return located(where, () => limitParameters(limitOf(names), make), contents);
    },
    processor: () => {
      const files = parsePretrainedFiles(contents, directory);
      return located(where, () => family.processor?.(files, config, options) as ProcessorOf<F> | undefined, contents);
    },
  };
}

/** A model that is composed makes its parts from the files, so these have to say what was adjusted too. */
function withConfig(contents: ReadonlyMap<string, Uint8Array>, config: PretrainedConfig): Map<string, Uint8Array> {
  return new Map(contents).set('config.json', new TextEncoder().encode(JSON.stringify(config)));
}

/**
 * A checkpoint has one tensor for each parameter, or for a few. What differs by little is told parameter by parameter when the two
 * are compared; what is far beyond is not built for that.
 */
function limitOf(names: readonly string[] | undefined): ParameterLimit {
  if (!names) return modelLimit(false); // it gets values later, if at all
  return {
    count: 8 * names.length + 1000,
    values: Number.POSITIVE_INFINITY,
    expected: `a model for the ${names.length} tensors of its checkpoint`,
    hint: 'Is a number of layers in config.json right?',
  };
}

function familyOf<F extends Family>(families: readonly F[], whole: PretrainedConfig, directory: string): F {
  const { model_type, architectures: named } = whole;
  const ofType = families.filter(({ architectures }) => Object.hasOwn(architectures, model_type));
  const found =
    ofType.find(({ architectures }) => named?.includes(architectures[model_type])) ?? // several heads stand behind one encoder
    ofType[0] ??
    families.find((family) => isWithin(family, whole));
  if (found) return found;
  const known = families.flatMap(({ architectures, within = {} }) => Object.keys({ ...architectures, ...within }));
  throw new UnknownNameError({
    where: placeOf(directory, 'model_type'),
    expected: 'a model of one of the given families',
    received: `"${model_type}"`,
    hint: suggestNames(model_type, known),
  });
}

/**
 * What is wrong with a config may show only when a module is made from it: both are said of config.json, unless the error is of
 * another file beside the weights.
 */
function located<T>(where: string, run: () => T, files: ReadonlyMap<string, Uint8Array> = new Map()): T {
  try {
    return run();
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const place = error.where ?? '';
    const isOfFile = [...files.keys()].some((name) => name !== 'config.json' && place.startsWith(name));
    throw error.at(isOfFile ? where.replace(/config\.json.*$/, '') + place : [where, place].filter(Boolean).join(', '));
  }
}

function placeOf(directory: string, option?: string): string {
  const file = directory ? `${directory}/config.json` : 'config.json';
  return option ? `${file}, ${option}` : file;
}
