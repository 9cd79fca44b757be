import type { Checkpoint } from '../checkpoint/checkpoint';
import type { KeyMap } from './key-map';

/** The names of a checkpoint, with or without the prefix of a larger model. */
export interface StoredNames {
  /** Whether there is a tensor of a name, which is given without prefix. */
  has(name: string): boolean;
  /** The full names under which there is one. */
  readonly candidatesOf: (name: string) => string[];
}

/** Looks names up in a checkpoint. */
export function storedNames(
  { names }: Pick<Checkpoint, 'names'>,
  { prefixes = [] }: Pick<KeyMap, 'prefixes'>,
): StoredNames {
  const stored = new Set(names);
  const candidatesOf = (name: string) =>
    ['', ...prefixes].map((prefix) => prefix + name).filter((candidate) => stored.has(candidate));
  return { candidatesOf, has: (name) => candidatesOf(name).length > 0 };
}
