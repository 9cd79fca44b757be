import type { KeyMap } from './key-map';

/** Where a module stands in a larger one, and its tensors in a checkpoint of that. */
export interface Nesting {
  /** What stands before the paths of its parameters, such as `encoders.text.`. */
  readonly ours: string;
  /** What stands before the names of its tensors, such as `text_model.`. */
  readonly theirs: string;
}

/** The key map of a module as a part of a larger one. It has no prefixes: a part stands in one place. */
export function nestedKeys(
  { entries, ignored = [] }: KeyMap,
  { ours, theirs }: Nesting,
): Required<Omit<KeyMap, 'prefixes'>> {
  return {
    entries: entries.map((entry) => ({
      ...entry,
      ours: [entry.ours].flat().map((path) => ours + path),
      theirs: theirs + entry.theirs,
      ...(entry.formerly !== undefined && { formerly: theirs + entry.formerly }),
      ...(entry.derived && { derived: entry.derived.map((tensor) => ({ ...tensor, theirs: theirs + tensor.theirs })) }),
    })),
    ignored: ignored.map((key) => ({ ...key, theirs: theirs + key.theirs })),
  };
}
