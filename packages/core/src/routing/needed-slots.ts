import type { Batch } from '../batch';
import type { Fusion } from '../fusion';
import type { HeadTree } from '../head-tree';

/** The parts of a model that say what depends on which slots. */
export interface RoutedParts {
  readonly fusion: Fusion;
  readonly tree: HeadTree;
}

/**
 * The slots that some heads need, with what feeds them; undefined where that may be all, since one of them reads what a fusion makes of all. Where
 * each says which slots it reads of `encoded`, which no other slot changes, the encoders of others need not run.
 */
export function neededSlots({ fusion, tree }: RoutedParts, heads: readonly string[]): readonly string[] | undefined {
  const { all = [], any, count } = fusion.requires;
  const read = tree.plan(heads.map((name) => ({ name, rows: [] }))).map(({ name }) => tree.heads[name].readsSlots);
  if (read.length === 0 || read.includes(undefined) || any || count) return undefined;
  return [...all, ...read.flatMap((slots) => slots ?? [])];
}

/** Those of a record by slot, all of it without {@link neededSlots}. */
export function ofSlots<Of>(
  bySlot: Readonly<Record<string, Of>>,
  slots: readonly string[] | undefined,
): Readonly<Record<string, Of>> {
  return slots ? Object.fromEntries(Object.entries(bySlot).filter(([slot]) => slots.includes(slot))) : bySlot;
}

/** A batch with what some heads need of it. */
export function neededBatch(parts: RoutedParts, heads: readonly string[], batch: Batch): Batch {
  const slots = neededSlots(parts, heads);
  return slots ? { ...batch, modalities: ofSlots(batch.modalities, slots) } : batch;
}
