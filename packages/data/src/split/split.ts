import { ConfigError, UnknownNameError } from '@polymodal/core';
import type { Manifest } from '../manifest/manifest';
import { placeOf } from '../manifest/resolve-bindings';
import { partOf } from './assign-parts';

/** How a split was made. */
export interface SplitRecipe {
  /** The share of each part; none where a column says it. */
  readonly shares?: Readonly<Record<string, number>> | undefined;
  /** The column that says the part of each row. */
  readonly column?: string | undefined;
  /** The column whose values are never in two parts. */
  readonly groupBy?: string | undefined;
  /** Targets of which each part has the same share of every value, in every combination of modalities. */
  readonly stratify: readonly string[];
  readonly seed: number;
}

/** A sample in a split. */
export interface SplitEntry {
  readonly part: string;
  /** What it is not to be parted from. */
  readonly group?: string | undefined;
}

/**
 * Which part of the data each sample belongs to, by its id.
 *
 * @typeParam Part the names of the parts
 */
export class Split<Part extends string = string> {
  readonly #groups = new Map<string, string>();

  /** By `splitManifest` or `readSplit`. */
  constructor(
    readonly recipe: SplitRecipe,
    /** By the ids of samples. */
    readonly entries: ReadonlyMap<string, SplitEntry>,
  ) {
    for (const { part, group } of entries.values()) if (group !== undefined) this.#groups.set(group, part);
  }

  /** How many ids each part has. */
  get counts(): Readonly<Record<string, number>> {
    const counts = new Map(Object.keys(this.recipe.shares ?? {}).map((part) => [part, 0]));
    for (const { part } of this.entries.values()) counts.set(part, (counts.get(part) ?? 0) + 1);
    return Object.fromEntries(counts);
  }

  /** The same split with other names for its parts; those that get the same one are joined. */
  renamed<Other extends string>(nameOf: (part: Part) => Other): Split<Other> {
    const { shares, ...recipe } = this.recipe;
    const sums = new Map<string, number>();
    for (const [part, share] of Object.entries(shares ?? {})) {
      const name = nameOf(part as Part);
      sums.set(name, (sums.get(name) ?? 0) + share);
    }
    const entries = [...this.entries].map(
      ([id, entry]) => [id, { ...entry, part: nameOf(entry.part as Part) }] as const,
    );
    return new Split<Other>({ ...recipe, ...(shares && { shares: Object.fromEntries(sums) }) }, new Map(entries));
  }

  /**
   * The samples of each part.
   *
   * @throws UnknownNameError for samples that are not in the split: those of rows that came later, say (`extend`)
   */
  async of(manifest: Manifest): Promise<Readonly<Record<Part, Manifest>>> {
    const parts = new Map(Object.keys(this.counts).map((part) => [part, [] as number[]]));
    const unknown: number[] = [];
    for (let index = 0; index < manifest.length; index++) {
      const entry = this.entries.get(await manifest.id(index));
      if (entry) parts.get(entry.part)!.push(index);
      else unknown.push(index);
    }
    if (unknown.length > 0) {
      throw new UnknownNameError({
        where: manifest.where(unknown[0]),
        expected: 'a sample that the split knows',
        received: `${unknown.length} that it does not know, this one first`,
        hint: 'Rows that came later get their part by: split = await split.extend(manifest).',
      });
    }
    const selected = Object.fromEntries([...parts].map(([part, indices]) => [part, manifest.select(indices)]));
    return selected as Readonly<Record<Part, Manifest>>;
  }

  /**
   * The same split with the samples that it does not know yet: each goes where its group is, or else where its name says, by the same shares.
   *
   * @throws ConfigError for a split by a column, which is made anew
   */
  async extend(manifest: Manifest): Promise<Split<Part>> {
    const { shares, groupBy, seed } = this.recipe;
    if (!shares) {
      const hint = 'Make it anew: splitManifest(manifest, { column }).';
      throw new ConfigError({ where: 'extend', expected: 'a split by shares', received: 'one by a column', hint });
    }
    const entries = new Map(this.entries);
    for (let index = 0; index < manifest.length; index++) {
      const id = await manifest.id(index);
      if (entries.has(id)) continue;
      const group = groupBy === undefined ? undefined : await groupOf(manifest, index, groupBy);
      const part = (group === undefined ? undefined : this.#groups.get(group)) ?? partOf(group ?? id, shares, seed);
      entries.set(id, { part, ...(group !== undefined && { group }) });
    }
    return new Split(this.recipe, entries);
  }
}

/** What a sample is not to be parted from. A row without a group is one by itself. */
export async function groupOf(manifest: Manifest, index: number, column: string): Promise<string | undefined> {
  const cell = (await manifest.cells(index))[placeOf(column, manifest.table, 'groupBy')];
  const text = cell === undefined || cell === null ? '' : String(cell).trim();
  return text === '' || manifest.missing.has(text) ? undefined : text;
}
