import { ConfigError, parseConfig, SampleError } from '@polymodal/core';
import { z } from 'zod';
import { readValue } from '../values/read-value';
import { columnValues } from './column-values';
import type { Manifest } from './manifest';

/** The column of weights: its name, or with how its numbers are written. */
export type WeightColumn = string | { readonly column: string; readonly decimal?: '.' | ',' | undefined };

/** What a {@link WeightColumn} is parsed with. */
export const weightColumn = z.union([
  z.string().min(1),
  z.strictObject({ column: z.string().min(1), decimal: z.enum(['.', ',']).optional() }),
]);

/** Samples, and how often they come in training, relative to one another. */
export interface WeightedSamples {
  /** Those whose weight is above 0. */
  readonly samples: Manifest;
  /** Of each of them, in their order: what `weights` of `train` takes. */
  readonly weights: Float64Array;
}

/**
 * The samples of a manifest with the weights that a column says, from 0 up. Those of weight 0 are left out.
 *
 * ```ts
 * const { samples, weights } = await weightedSamples(products, 'votes');
 * await train(model, { data: samples, weights });
 * ```
 *
 * @throws ConfigError for a column that there is not, with the nearest name, and one that says 0 of all
 * @throws SampleError for cells that are empty, no number or below 0, by their lines
 */
export async function weightedSamples(manifest: Manifest, column: WeightColumn): Promise<WeightedSamples> {
  const parsed = parseConfig(weightColumn, column, 'weights');
  const { column: name, decimal = '.' } = typeof parsed === 'string' ? { column: parsed } : parsed;
  const all = await columnValues(manifest, name, 'weights', (cell) =>
    cell === undefined ? missing() : readWeight(cell, decimal),
  );
  const chosen = [...all.keys()].filter((index) => all[index] > 0);
  if (chosen.length === 0) throw nothingChosen(name, manifest.length);
  return { samples: manifest.select(chosen), weights: Float64Array.from(chosen, (index) => all[index]) };
}

function readWeight(cell: unknown, decimal: '.' | ','): number {
  const weight = readValue(cell, 'number', { root: '', decimal, mayFetch: false }) as number;
  if (weight >= 0) return weight;
  throw new SampleError({ expected: 'a weight from 0 up', received: String(weight) });
}

function missing(): never {
  throw new SampleError({
    expected: 'a weight from 0 up',
    received: 'an empty cell',
    hint: 'Write 1 for a sample that is to come as often as others, 0 for one that is never to come.',
  });
}

function nothingChosen(column: string, count: number): ConfigError {
  return new ConfigError({
    where: 'weights',
    expected: `a weight above 0 in column "${column}"`,
    received: `0 in all of ${count} rows`,
  });
}
