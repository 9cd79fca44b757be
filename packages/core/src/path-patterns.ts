import { matchesPath } from './match-path';
import type { Module } from './module';
import { suggestPaths } from './nearest-names';

/** What is wrong with one of several patterns, in the words of an error. */
export interface PatternFault {
  /** Of the pattern. */
  readonly index: number;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
}

/** Whether a parameter or module is what a pattern says, or within it: `encoders.*` holds `encoders.text.norm.weight`. */
export function isWithin(path: string, pattern: string): boolean {
  return matchesPath(`${pattern}.**`, path);
}

/**
 * Why patterns of paths cannot be meant: one fits nothing, or none of them fits a parameter. What has no parameters of its own (a head that
 * is tied to embeddings, a fusion that takes means) may stand beside others, so that a list can be written without knowing which do.
 *
 * @param paths of parameters and of modules
 */
export function patternFault(
  patterns: readonly string[],
  paths: { readonly parameters: Iterable<string>; readonly modules: Iterable<string> },
): PatternFault | undefined {
  const [parameters, modules] = [[...paths.parameters], [...paths.modules]];
  const fitsAny = (known: readonly string[]) => (pattern: string) => known.some((path) => isWithin(path, pattern));
  const known = [...parameters, ...modules];
  const unknown = patterns.findIndex((pattern) => !fitsAny(known)(pattern));
  if (unknown >= 0) {
    const expected = 'the path of a parameter or module';
    const pattern = patterns[unknown];
    const bare = modules.filter((module) => !parameters.some((path) => path.startsWith(`${module}.`)));
    const hint = suggestPaths(pattern, [...parameters, ...bare]);
    return { index: unknown, expected, received: `"${pattern}", which matches none`, hint };
  }
  if (patterns.length === 0 || patterns.some(fitsAny(parameters))) return undefined;
  const expected = 'the path of something that has parameters';
  const received = `${patterns.map((pattern) => `"${pattern}"`).join(', ')}, without any`;
  return {
    index: 0,
    expected,
    received,
    hint: 'What is shared is a parameter of the part that comes first, such as the embeddings that a head is tied to.',
  };
}

/** The paths that patterns may be of. */
export function pathsOf(module: Pick<Module, 'parameters' | 'modules'>): {
  readonly parameters: Iterable<string>;
  readonly modules: Iterable<string>;
} {
  return {
    parameters: module.parameters().keys(),
    modules: [...module.modules().keys()].filter((path) => path !== ''),
  };
}
