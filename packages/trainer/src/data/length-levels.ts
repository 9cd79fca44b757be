import { type BatchLengths, type SampleShape, targetsOf } from './sample-shape';

/** How much samples are worked through. */
export interface LengthLevelsOptions {
  /** How many rows a batch of some lengths has. */
  readonly rows: (lengths: BatchLengths) => number;
  /** How often every sample comes: epochs, or the part of them in which it comes with these modalities. */
  readonly passes: number;
  /** What a backend compiles for each shape: by default the whole step. */
  readonly programs?: Programs;
  /** By default as many as {@link programs} allow. */
  readonly mostLevels?: number;
}

/** What a backend that compiles makes a program of: a step, or each layer, which other shapes of batches share. */
export type Programs = 'steps' | 'layers';

/**
 * How many shapes there may be, and about as many steps of the longest batches as it takes to compile what one more needs. A whole step of
 * two BERTs of 6 layers, in batches of 16 × 144 tokens, takes a fifth of one, and longer for smaller models.
 */
const costs = {
  steps: { most: 4, steps: 1 },
  layers: { most: 16, steps: 1 / 4 },
} as const;

/** More shapes than these are first rounded up to fewer, which bounds the time that choosing takes. */
const mostShapes = 128;

/**
 * Few levels of length for samples of many, so that a backend which compiles a program for each shape compiles few.
 *
 * The length buckets of several modalities multiply: three of text and four of audio are twelve shapes. Two levels are merged,
 * those whose union wastes the least padding first, while there are too many, or while they save less time in padding than it
 * takes to compile the program of one more. The longest level holds every sample.
 */
export class LengthLevels {
  readonly #axes: readonly Axis[];
  /** From the cheapest to the longest. */
  readonly #levels: readonly Extent[];

  /**
   * @param shapes of the samples, which all have these modalities
   * @param modalities those that the batches will have
   */
  constructor(
    shapes: readonly SampleShape[],
    modalities: readonly string[],
    { rows, passes, programs = 'steps', mostLevels = costs[programs].most }: LengthLevelsOptions,
  ) {
    this.#axes = axesOf(shapes, modalities);
    const extents = shapes.map((shape) => this.#extentOf(shape));
    const longest = extents.reduce(
      union,
      this.#axes.map(() => 0),
    );
    const cost = costOf(this.#axes, longest);
    const withoutLengths = modalities.filter((name) => !this.#axes.some(({ part }) => part === name)).length;
    const step = rows(this.#lengthsOf(longest)) * (cost(longest) + withoutLengths);
    const groups = [...count(roundedUp(extents)), { extent: longest, count: 0 }];
    this.#levels = merged(groups, cost, mostLevels, (costs[programs].steps * step) / passes);
  }

  /** What batches of a level are padded to. */
  lengthsAt(level: number): BatchLengths {
    return this.#lengthsOf(this.#levels[level]);
  }

  /** The number of the cheapest level that holds one of the samples: 0 for the shortest. */
  levelOf(shape: SampleShape): number {
    return this.#cheapest(this.#extentOf(shape));
  }

  /** The lengths of the cheapest level that holds all of these samples; their own where augmentation made them longer. */
  lengthsFor(shapes: readonly SampleShape[]): BatchLengths {
    const needed = shapes.map((shape) => this.#extentOf(shape)).reduce(union);
    return this.#lengthsOf(this.#levels[this.#cheapest(needed)] ?? needed);
  }

  /** The lengths that hold all of these samples, be they those of a level or not. */
  longestOf(shapes: readonly SampleShape[]): BatchLengths {
    return this.#lengthsOf(shapes.map((shape) => this.#extentOf(shape)).reduce(union));
  }

  #lengthsOf(extent: Extent): BatchLengths {
    const lengths: Record<string, Record<string, number>> = {};
    this.#axes.forEach(({ part, name }, axis) => {
      lengths[part] ??= {};
      lengths[part][name] = extent[axis];
    });
    return lengths;
  }

  #cheapest(needed: Extent): number {
    return this.#levels.findIndex((extent) => holds(extent, needed));
  }

  #extentOf(shape: SampleShape): Extent {
    return this.#axes.map(({ part, name }) => shape[part]?.lengths?.[name] ?? 0);
  }
}

/** One of the lengths of a batch. */
interface Axis {
  /** A modality, or a target. */
  readonly part: string;
  readonly name: string;
}

/** A length for each axis. */
type Extent = readonly number[];

/** Samples, and the extent that holds them. */
interface Group {
  readonly extent: Extent;
  readonly count: number;
}

type Cost = (extent: Extent) => number;

function axesOf(shapes: readonly SampleShape[], modalities: readonly string[]): Axis[] {
  const targets = new Set(shapes.flatMap(targetsOf));
  return [...modalities, ...targets].flatMap((part) => {
    const names = new Set(shapes.flatMap((shape) => Object.keys(shape[part]?.lengths ?? {})));
    return [...names].map((name) => ({ part, name }));
  });
}

/** Lengths of one name have one unit, tokens say, and add up; of another, frames say, the longest counts as much. */
function costOf(axes: readonly Axis[], longest: Extent): Cost {
  const units = axes.map(({ name }) => Math.max(...longest.filter((_, axis) => axes[axis].name === name)));
  return (extent) => extent.reduce((sum, length, axis) => sum + length / units[axis], 0);
}

/** Every second length of each axis, from the longest down, again and again until there are few enough extents. */
function roundedUp(extents: readonly Extent[]): readonly Extent[] {
  if (new Set(extents.map(String)).size <= mostShapes) return extents;
  const ceilings = extents[0].map((_, axis) => {
    const lengths = [...new Set(extents.map((extent) => extent[axis]))].sort((a, b) => b - a);
    return new Map(lengths.map((length, i) => [length, lengths[i - (i % 2)]]));
  });
  return roundedUp(extents.map((extent) => extent.map((length, axis) => ceilings[axis].get(length)!)));
}

function count(extents: readonly Extent[]): Group[] {
  const groups = new Map<string, { extent: Extent; count: number }>();
  for (const extent of extents) {
    const group = groups.get(String(extent)) ?? { extent, count: 0 };
    group.count++;
    groups.set(String(extent), group);
  }
  return [...groups.values()];
}

/** @param leastSaving padding that a level must save, in rows times their cost */
function merged(groups: Group[], cost: Cost, mostLevels: number, leastSaving: number): Extent[] {
  const levels = [...groups];
  while (levels.length > 1) {
    const { waste, a, b } = cheapestMerge(levels, cost);
    if (levels.length <= mostLevels && waste >= leastSaving) break;
    const [first, second] = [levels[a], levels[b]];
    levels[a] = { extent: union(first.extent, second.extent), count: first.count + second.count };
    levels.splice(b, 1);
  }
  return levels.map(({ extent }) => extent).sort((a, b) => cost(a) - cost(b));
}

function cheapestMerge(levels: readonly Group[], cost: Cost) {
  const costs = levels.map(({ extent }) => cost(extent));
  let best = { waste: Number.POSITIVE_INFINITY, a: 0, b: 1 };
  for (let b = 1; b < levels.length; b++) {
    for (let a = 0; a < b; a++) {
      const whole = cost(union(levels[a].extent, levels[b].extent));
      const waste = levels[a].count * (whole - costs[a]) + levels[b].count * (whole - costs[b]);
      if (waste < best.waste) best = { waste, a, b };
    }
  }
  return best;
}

function holds(extent: Extent, needed: Extent): boolean {
  return needed.every((length, axis) => length <= extent[axis]);
}

function union(a: Extent, b: Extent): Extent {
  return a.map((length, axis) => Math.max(length, b[axis]));
}
