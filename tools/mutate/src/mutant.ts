/** A fault that this field has made before, to be seeded into a source of ours. */
export interface Mutant {
  /** The fault in words, e.g. `the mask is inverted`. No two mutants share one. */
  readonly name: string;
  /** From the root of the workspace. */
  readonly file: string;
  /** What stands in the file, exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files of the rooms concerned, by the beginnings of their paths. */
  readonly tests: readonly string[];
}

/** Mutants of one file. */
export function mutantsOf(
  file: string,
  tests: readonly string[],
  faults: Readonly<Record<string, readonly [find: string, replace: string]>>,
): Mutant[] {
  return Object.entries(faults).map(([name, [find, replace]]) => ({ name, file, find, replace, tests }));
}
