import type { KeyMap, KeyMapEntry } from './key-map';

/** Where a module stands in a larger one, and its tensors in a checkpoint of that. */
export interface Nesting {
  /** What stands before the paths of its parameters, such as `encoders.text.`. */
  readonly ours: string;
  /**
   * What stands before the names of its tensors, such as `text_model.`; several, where checkpoints are arranged in several ways, of which
   * the first is saved.
   */
  readonly theirs: string | readonly string[];
}

/** The key map of a module as a part of a larger one. It has no prefixes: a part stands in one of the places that are named. */
export function nestedKeys(
  { entries, ignored = [] }: KeyMap,
  { ours, theirs }: Nesting,
): Required<Omit<KeyMap, 'prefixes'>> {
  const places = [theirs].flat();
  return {
    entries: entries.map((entry) => ({
      ...entry,
      ours: [entry.ours].flat().map((path) => ours + path),
      theirs: places[0] + entry.theirs,
      ...formerNames(entry, places),
      ...(entry.derived && {
        derived: entry.derived.map((tensor) => ({ ...tensor, theirs: places[0] + tensor.theirs })),
      }),
    })),
    ignored: places.flatMap((place) => ignored.map((key) => ({ ...key, theirs: place + key.theirs }))),
  };
}

function formerNames({ theirs, formerly = [] }: KeyMapEntry, places: readonly string[]): Pick<KeyMapEntry, 'formerly'> {
  const names = [theirs, ...[formerly].flat()];
  const [, ...former] = places.flatMap((place) => names.map((name) => place + name));
  return former.length > 0 ? { formerly: former } : {};
}
