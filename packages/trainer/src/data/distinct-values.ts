import type { Model } from '@polymodal/core';
import type { Dataset } from './dataset';
import { valueKey } from './value-key';

/** How many different values of a slot there are. */
export interface DistinctValues {
  /** Among the samples that were looked at. */
  readonly seen: number;
  /** Among all, about. */
  readonly all: number;
}

/**
 * About how many different values samples have of some slots, by a look at some of them. Equal values often follow one another, questions about one
 * picture say, so that samples are looked at in runs of neighbours: from how many values occur in one run alone, and in two, follows how many
 * occur in none (Chao 1987), and how many of these the other runs will show (Colwell et al. 2012, eq. 18).
 *
 * @param runs indices of samples, in each of as many that follow one another
 */
export async function distinctValues(
  model: Model,
  data: Dataset,
  slots: readonly string[],
  runs: readonly (readonly number[])[],
): Promise<ReadonlyMap<string, DistinctValues>> {
  /** By slot, in how many runs each value occurs. */
  const counts = new Map(slots.map((slot) => [slot, new Map<string, number>()]));
  for (const run of runs) {
    const inRun = new Map(slots.map((slot) => [slot, new Set<string>()]));
    for (const index of run) {
      const { features } = await model.prepare(await data.get(index), undefined, `sample ${index}`);
      for (const [slot, keys] of inRun) if (features[slot]) keys.add(valueKey(features[slot]));
    }
    for (const [slot, keys] of inRun) {
      const own = counts.get(slot)!;
      for (const key of keys) own.set(key, (own.get(key) ?? 0) + 1);
    }
  }
  const seen = runs.reduce((sum, run) => sum + run.length, 0);
  const more = (data.length / seen - 1) * runs.length;
  return new Map(
    [...counts].map(([slot, own]) => [slot, { seen: own.size, all: richness([...own.values()], runs.length, more) }]),
  );
}

/**
 * How many values there will be after more runs.
 *
 * @param counts in how many of the runs each value occurs
 */
function richness(counts: readonly number[], runs: number, more: number): number {
  const [once, twice] = [1, 2].map((times) => counts.filter((own) => own === times).length);
  if (more <= 0 || once === 0) return counts.length;
  if (twice === 0) return counts.length * (1 + more / runs); // nothing that comes again was seen
  const unseen = (((runs - 1) / runs) * once ** 2) / (2 * twice);
  return counts.length + unseen * (1 - (1 - once / (runs * unseen + once)) ** more);
}
