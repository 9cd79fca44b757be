import { suggestNames } from './nearest-names';

/** What an error says of names that nothing knows. */
export interface UnknownNames {
  /** The names themselves. */
  readonly received: string;
  /** What the first of them may have been meant to be. */
  readonly hint: string;
}

/**
 * The keys of an object that are not among the known ones, in words, or `undefined` where there are none: what is misspelt
 * must not pass for something left out.
 *
 * ```ts
 * const unknown = unknownKeys(sample, [...modalities, 'targets']);
 * if (unknown) throw new SampleError({ where, expected: 'only modalities of the model', ...unknown });
 * ```
 */
export function unknownKeys(value: object, known: readonly string[]): UnknownNames | undefined {
  const names = Object.keys(value).filter((name) => !known.includes(name));
  return names.length > 0 ? unknownNames(names, known) : undefined;
}

/** Unknown names, one at least, in words. */
export function unknownNames(names: readonly string[], known: readonly string[]): UnknownNames {
  const listed = names.slice(0, 3).map((name) => `"${name.length > 60 ? `${name.slice(0, 57)}…` : name}"`);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return { received: listed.join(', ') + more, hint: suggestNames(names[0], known) };
}
