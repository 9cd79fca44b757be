import { isRecord } from '@polymodal/core';
import type { PretrainedConfig } from '../pretrained/config-files';
import type { IgnoredKey, KeyMap } from './key-map';

/** Where the models of a family stand in a larger model that is published whole, such as the vision tower in CLIP. */
export interface PlaceInWhole {
  /** The option of the whole's config.json that has their config; undefined where it stands in the whole's own. */
  readonly config?: string;
  /** That of older ones, which have it there in full; where it is there, it counts. */
  readonly olderConfig?: string;
  /** Their own `model_type`, with which they are saved. */
  readonly modelType: string;
  /** What the part calls itself in its config, where the whole may have that of other families too; undefined for nothing. */
  readonly names?: readonly (string | undefined)[];
  /** What stands before the names of their tensors; several, the longest first, where wholes are arranged in several ways. */
  readonly prefix: string | readonly string[];
  /** Their own config.json from that, where the whole has other names and defaults for it. */
  readonly configOf?: (stated: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Their key map, where the whole keeps some tensors otherwise. */
  readonly keysOf?: (own: KeyMap, whole: PretrainedConfig) => KeyMap;
  /** The other tensors of the whole, and why each is passed over. */
  readonly ignored: readonly IgnoredKey[];
}

/** The types of models that a family knows: its own, and those that it is a part of. */
interface ModelTypes {
  readonly architectures: Readonly<Record<string, string>>;
  readonly within?: Readonly<Record<string, PlaceInWhole>>;
}

/** Where the models of a family stand in that of a config.json; undefined if it is one of theirs, or has none. */
export function placeInWhole(
  { architectures, within = {} }: ModelTypes,
  whole: PretrainedConfig,
): PlaceInWhole | undefined {
  const { model_type } = whole;
  if (Object.hasOwn(architectures, model_type) || !isWithin({ within }, whole)) return undefined;
  const place = within[model_type];
  const { olderConfig } = place;
  return olderConfig !== undefined && isRecord(whole[olderConfig]) ? { ...place, config: olderConfig } : place;
}

/** Whether a whole has a part of a family. */
export function isWithin({ within = {} }: Pick<ModelTypes, 'within'>, whole: PretrainedConfig): boolean {
  if (!Object.hasOwn(within, whole.model_type)) return false;
  const { config, names } = within[whole.model_type];
  if (config === undefined || names === undefined) return true;
  const stated = whole[config];
  return names.includes(isRecord(stated) ? (stated.model_type as string | undefined) : undefined);
}

/** The config.json that a part of a whole would have for itself. */
export function configOfPart(whole: PretrainedConfig, { config, configOf, modelType }: PlaceInWhole): PretrainedConfig {
  const stated = config === undefined ? whole : ((whole[config] ?? {}) as PretrainedConfig);
  return { ...(configOf?.(stated) ?? stated), model_type: modelType };
}

/** The key map of a part, for the checkpoint of its whole. */
export function keysInWhole(own: KeyMap, place: PlaceInWhole, whole: PretrainedConfig): KeyMap {
  const { entries, ignored = [] } = place.keysOf?.(own, whole) ?? own;
  return { entries, prefixes: [place.prefix].flat(), ignored: [...ignored, ...place.ignored] };
}
