import { imbalance } from './imbalance';
import type { Counts } from './inspection';

/** Counts as they are told: the most frequent first. */
export function countsOf(counts: ReadonlyMap<string, number>): Counts {
  const sorted = Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  return { counts: sorted, imbalance: imbalance(sorted) };
}
