import { ConfigError, SampleError } from '@polymodal/core';
import { columnValues } from './column-values';
import type { Manifest } from './manifest';

/** A column with more values is hardly one of sources, and a run has files for each. */
const mostSources = 64;

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
  const sources = await columnValues(manifest, column, 'sources.column', readSource);
  const places = new Map<string, number[]>();
  for (const [index, source] of sources.entries()) {
    const known = places.get(source);
    if (known) known.push(index);
    else if (places.size === mostSources) throw tooMany(column);
    else places.set(source, [index]);
  }
  return Object.fromEntries([...places].map(([source, indices]) => [source, manifest.select(indices)]));
}

function readSource(cell: unknown): string {
  const source = String(cell ?? '').trim();
  if (source !== '') return source;
  throw new SampleError({
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
