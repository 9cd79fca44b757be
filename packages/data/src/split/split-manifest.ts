import { ConfigError, parseConfig, SampleError, unknownNames } from '@polymodal/core';
import { z } from 'zod';
import type { Manifest } from '../manifest/manifest';
import { placeOf } from '../manifest/resolve-bindings';
import { sampleTraits } from '../manifest/sample-traits';
import { assignParts } from './assign-parts';
import { groupOf, Split, type SplitEntry, type SplitRecipe } from './split';

/**
 * How samples are split. Either `into` or `column` is given.
 *
 * @typeParam Part the names of the parts
 */
export interface SplitOptions<Part extends string = string> {
  /** The share of each part: `{ train: 0.8, validation: 0.1, test: 0.1 }`. They add up to 1. */
  readonly into?: Readonly<Record<Part, number>> | undefined;
  /** The column that says the part of each row. */
  readonly column?: string | undefined;
  /** A column whose values are never in two parts: a speaker, a patient. */
  readonly groupBy?: string | undefined;
  /**
   * Targets of which each part gets the same share of every value, in every combination of modalities. Default all that are no numbers;
   * combinations alone: `[]`.
   */
  readonly stratify?: readonly string[] | undefined;
  /** Another one gives another split. Default 0. */
  readonly seed?: number | undefined;
}

const partName = z.string().regex(/^[\w-]{1,64}$/);

/** What {@link SplitOptions} are parsed with. */
export const splitOptions = z
  .strictObject({
    into: z.record(partName, z.number().min(0).max(1)).optional(),
    column: z.string().optional(),
    groupBy: z.string().optional(),
    stratify: z.array(z.string()).readonly().optional(),
    seed: z.int().default(0),
  })
  .refine(({ into, column }) => (into === undefined) !== (column === undefined), 'either into or column')
  .refine(({ into }) => !into || Math.abs(sumOf(into) - 1) < 1e-6, 'shares in "into" that add up to 1');

/**
 * Splits the samples of a manifest, by shares or by a column. Which part a sample is in follows from its id, the seed, and who else is of its
 * class and modalities: a row more moves at most one other over each border, and the order of rows means nothing. Samples of one id,
 * as equal rows are, and of one group stay together.
 *
 * ```ts
 * const split = await splitManifest(products, { into: { train: 0.8, test: 0.2 }, groupBy: 'shop' });
 * await saveSplit('products.split.jsonl', split);
 * const { train: learned, test } = await split.of(products);
 * ```
 *
 * @throws ConfigError for options that are none, a column that there is not, and a part that no sample is left for
 * @throws SampleError for a row whose column says no part
 */
export async function splitManifest<Part extends string = string>(
  manifest: Manifest,
  options: SplitOptions<Part>,
): Promise<Split<Part>> {
  const { into, column, groupBy, stratify, seed } = parseConfig(splitOptions, options, 'splitManifest');
  const stratified = stratifiedTargets(manifest, stratify);
  const recipe: SplitRecipe = { shares: into, column, groupBy, stratify: column === undefined ? stratified : [], seed };
  if (column !== undefined) return byColumn(manifest, column, recipe);
  const units = new Map<string, Unit>();
  const unitOf = new Map<string, { readonly unit: string; readonly group: string | undefined }>();
  for (let index = 0; index < manifest.length; index++) {
    const id = await manifest.id(index);
    const group = groupBy === undefined ? undefined : await groupOf(manifest, index, groupBy);
    const known = unitOf.get(id);
    if (known && known.group !== group) throw onTwoSides(manifest.where(index), id, known.group ?? '', group ?? '');
    const name = group === undefined ? `id ${id}` : `group ${group}`;
    unitOf.set(id, { unit: name, group });
    const { combination, targets } = await sampleTraits(manifest, index);
    const stratum = JSON.stringify([combination, ...stratified.map((target) => targets[target] ?? null)]);
    const unit = units.get(name) ?? { name, size: 0, strata: new Map<string, number>() };
    unit.size++;
    unit.strata.set(stratum, (unit.strata.get(stratum) ?? 0) + 1);
    units.set(name, unit);
  }
  const placed = [...units.values()].map(({ strata, ...unit }) => ({ ...unit, stratum: mostFrequent(strata) }));
  const parts = assignParts(placed, into!, seed);
  const entries = new Map<string, SplitEntry>();
  for (const [id, { unit, group }] of unitOf)
    entries.set(id, { part: parts.get(unit)!, ...(group !== undefined && { group }) });
  const split = new Split<Part>(recipe, entries);
  requireAllParts(split, into!);
  return split;
}

interface Unit {
  readonly name: string;
  size: number;
  readonly strata: Map<string, number>;
}

function stratifiedTargets(manifest: Manifest, asked: readonly string[] | undefined): readonly string[] {
  const { targets } = manifest.bindings;
  const names = targets.map(({ name }) => name);
  const unknown = asked?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    const where = 'splitManifest.stratify';
    throw new ConfigError({ where, expected: 'targets of the manifest', ...unknownNames(unknown, names) });
  }
  return asked ?? targets.filter(({ columns }) => columns[0].as !== 'number').map(({ name }) => name);
}

async function byColumn<Part extends string>(
  manifest: Manifest,
  column: string,
  recipe: SplitRecipe,
): Promise<Split<Part>> {
  const place = placeOf(column, manifest.table, 'splitManifest.column');
  const entries = new Map<string, SplitEntry>();
  const groups = new Map<string, string>();
  for (let index = 0; index < manifest.length; index++) {
    const part = partName.safeParse(String((await manifest.cells(index))[place] ?? '').trim());
    const where = manifest.where(index);
    if (!part.success) {
      const received = JSON.stringify((await manifest.cells(index))[place] ?? '');
      throw new SampleError({ where, expected: `the name of a part in column "${column}"`, received });
    }
    const id = await manifest.id(index);
    const group = recipe.groupBy === undefined ? undefined : await groupOf(manifest, index, recipe.groupBy);
    for (const [name, other] of [
      [id, entries.get(id)?.part],
      [group, groups.get(group ?? '')],
    ] as const) {
      if (name !== undefined && other !== undefined && other !== part.data)
        throw onTwoSides(where, name, other, part.data);
    }
    if (group !== undefined) groups.set(group, part.data);
    entries.set(id, { part: part.data, ...(group !== undefined && { group }) });
  }
  return new Split(recipe, entries);
}

/** The stratum that most samples of a unit are of. */
function mostFrequent(strata: ReadonlyMap<string, number>): string {
  return [...strata].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0][0];
}

function requireAllParts({ counts }: Split, shares: Readonly<Record<string, number>>): void {
  const empty = Object.keys(shares).find((name) => shares[name] > 0 && !counts[name]);
  if (empty === undefined) return;
  throw new ConfigError({
    where: `splitManifest.into.${empty}`,
    expected: 'a part with samples in it',
    received: 'none',
    hint: 'There are too few samples, or groups, for so small a share.',
  });
}

function onTwoSides(where: string, name: string, one: string, other: string): SampleError {
  const received = `"${name}" in "${one}" and in "${other}"`;
  return new SampleError({ where, expected: 'each sample in one group, and each group in one part', received });
}

function sumOf(shares: Readonly<Record<string, number>>): number {
  return Object.values(shares).reduce((sum, share) => sum + share, 0);
}
