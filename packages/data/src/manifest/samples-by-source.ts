import { ConfigError, type PolymodalError, SampleError, together } from '@polymodal/core';
import { isMissing } from '../values/missing-cells';
import type { Manifest } from './manifest';
import { placeOf } from './resolve-bindings';

/** A column with more values is hardly one of sources, and a run has files for each. */
const mostSources = 64;

/** Faults that are told. */
const mostTold = 100;

/**
 * The samples of a manifest by the source that a column says of each, in their order.
 *
 * ```ts
 * const data = await samplesBySource(products, 'shop');
 * await train(model, { data, ratios: { north: 1, south: 3 } });
 * ```
 *
 * @throws ConfigError for a column that there is not, with the nearest name, and one of more than 64 sources
 * @throws SampleError for cells that are empty, by their lines
 */
export async function samplesBySource(manifest: Manifest, column: string): Promise<Readonly<Record<string, Manifest>>> {
  const place = placeOf(column, manifest.table, 'sources.column');
  const places = new Map<string, number[]>();
  const faults: PolymodalError[] = [];
  for (let index = 0; index < manifest.length && faults.length < mostTold; index++) {
    const cell = (await manifest.cells(index))[place];
    const source = isMissing(cell, manifest.missing) ? '' : String(cell).trim();
    if (source === '') {
      faults.push(ofNoSource(`${manifest.where(index)}, column "${column}"`));
      continue;
    }
    const known = places.get(source);
    if (known) known.push(index);
    else if (places.size === mostSources) throw tooMany(column);
    else places.set(source, [index]);
  }
  if (faults.length > 0) throw together(faults);
  return Object.fromEntries([...places].map(([source, indices]) => [source, manifest.select(indices)]));
}

function ofNoSource(where: string): SampleError {
  return new SampleError({
    where,
    expected: 'the name of a source',
    received: 'an empty cell',
    hint: 'Which samples are learned from, a column of weights says, or a split.',
  });
}

function tooMany(column: string): ConfigError {
  return new ConfigError({
    where: 'sources.column',
    expected: `a column of at most ${mostSources} sources`,
    received: `"${column}", of more`,
    hint: 'Sources are kinds of data that are mixed, and not single samples.',
  });
}
