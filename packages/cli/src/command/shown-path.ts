import { isAbsolute, relative } from 'node:path';

/** A path as a person in a folder writes it: relative, unless it leads out of the folder. */
export function shownPath(path: string, directory: string): string {
  const short = relative(directory, path);
  return short === '' ? '.' : short.startsWith('..') || isAbsolute(short) ? path : short;
}
