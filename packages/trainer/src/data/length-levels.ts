import type { SampleShape } from './feature-store';

/**
 * Sorts samples into few levels of length, so that a backend which compiles a program for each shape compiles few.
 *
 * The length buckets of several modalities multiply: three of text and four of audio are twelve shapes. Where there
 * are more than `limit`, the two shapes whose union wastes the least padding are merged, again and again.
 *
 * @param shapes of the samples to be sorted
 * @param modalities those that the batch will have
 * @returns the level of a shape, 0 for the shortest
 */
export function lengthLevels(
  shapes: readonly SampleShape[],
  modalities: readonly string[],
  limit: number,
): (shape: SampleShape) => number {
  const bucketsOf = (shape: SampleShape) => modalities.map((modality) => shape[modality]);
  const groups = new Map<string, Level>();
  for (const shape of shapes) {
    const buckets = bucketsOf(shape);
    const name = buckets.join(' ');
    const group = groups.get(name) ?? { buckets, count: 0, members: [name] };
    group.count++;
    groups.set(name, group);
  }
  const longest = modalities.map((_, i) => Math.max(1, ...[...groups.values()].map(({ buckets }) => buckets[i])));
  const cost = (buckets: readonly number[]) => buckets.reduce((sum, bucket, i) => sum + bucket / longest[i], 0);

  const levels = [...groups.values()];
  while (levels.length > limit) mergeCheapest(levels, cost);
  levels.sort((a, b) => cost(a.buckets) - cost(b.buckets));
  const index = new Map(levels.flatMap(({ members }, level) => members.map((name) => [name, level] as const)));
  return (shape) => index.get(bucketsOf(shape).join(' '))!;
}

interface Level {
  /** The length of each modality that holds all members. */
  readonly buckets: readonly number[];
  count: number;
  readonly members: readonly string[];
}

function mergeCheapest(levels: Level[], cost: (buckets: readonly number[]) => number): void {
  let best = { waste: Number.POSITIVE_INFINITY, a: 0, b: 1 };
  for (let a = 0; a < levels.length; a++) {
    for (let b = a + 1; b < levels.length; b++) {
      const whole = cost(union(levels[a], levels[b]));
      const waste =
        levels[a].count * (whole - cost(levels[a].buckets)) + levels[b].count * (whole - cost(levels[b].buckets));
      if (waste < best.waste) best = { waste, a, b };
    }
  }
  const [first, second] = [levels[best.a], levels[best.b]];
  levels.splice(best.b, 1);
  levels[best.a] = {
    buckets: union(first, second),
    count: first.count + second.count,
    members: [...first.members, ...second.members],
  };
}

function union(a: Level, b: Level): number[] {
  return a.buckets.map((bucket, i) => Math.max(bucket, b.buckets[i]));
}
