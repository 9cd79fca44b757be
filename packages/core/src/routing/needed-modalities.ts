import type { Fusion } from '../fusion';
import type { HeadTree } from '../head-tree';

/** The parts of a model that say what depends on which slots. */
export interface RoutedParts {
  readonly fusion: Fusion;
  readonly tree: HeadTree;
}

/**
 * Those modalities of a batch that some heads need, with what feeds them: all where one of them reads what a fusion makes of all. Where each says
 * which slots it reads of `encoded`, which no other slot changes, the encoders of others need not run.
 *
 * @param modalities whatever there is of each, by slot
 */
export function neededModalities<Of>(
  { fusion, tree }: RoutedParts,
  heads: readonly string[],
  modalities: Readonly<Record<string, Of>>,
): Readonly<Record<string, Of>> {
  const { all = [], any, count } = fusion.requires;
  const read = tree.plan(heads.map((name) => ({ name, rows: [] }))).map(({ name }) => tree.heads[name].readsSlots);
  if (read.length === 0 || read.includes(undefined) || any || count) return modalities;
  const needed = [...all, ...read.flatMap((slots) => slots ?? [])];
  return Object.fromEntries(Object.entries(modalities).filter(([slot]) => needed.includes(slot)));
}
