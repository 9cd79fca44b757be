import type { PretrainedConfig } from '../pretrained/config-files';
import type { Family } from './define-family';
import type { IgnoredKey, KeyMap } from './key-map';

/** Where the models of a family stand in a larger model that is published whole, such as the vision tower in CLIP. */
export interface PlaceInWhole {
  /** The option of the whole's config.json that has their config. */
  readonly config: string;
  /** Their own `model_type`, with which they are saved. */
  readonly modelType: string;
  /** What stands before the names of their tensors. */
  readonly prefix: string;
  /** The other tensors of the whole, and why each is passed over. */
  readonly ignored: readonly IgnoredKey[];
}

/** Where the models of a family stand in that of a config.json; undefined if it is one of theirs, or has none. */
export function placeInWhole(
  { architectures, within = {} }: Pick<Family, 'architectures' | 'within'>,
  { model_type }: PretrainedConfig,
): PlaceInWhole | undefined {
  return !Object.hasOwn(architectures, model_type) && Object.hasOwn(within, model_type)
    ? within[model_type]
    : undefined;
}

/** The config.json that a part of a whole would have for itself. */
export function configOfPart(whole: PretrainedConfig, { config, modelType }: PlaceInWhole): PretrainedConfig {
  return { ...(whole[config] as PretrainedConfig | null | undefined), model_type: modelType };
}

/** The key map of a part, for the checkpoint of its whole. */
export function keysInWhole({ entries, ignored = [] }: KeyMap, place: PlaceInWhole): KeyMap {
  return { entries, prefixes: [place.prefix], ignored: [...ignored, ...place.ignored] };
}
