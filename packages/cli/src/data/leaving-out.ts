import { type Model, PolymodalError } from '@polymodal/core';
import type { Manifest } from '@polymodal/data';
import { type CheckedData, isOfSample, unusableSamples } from '@polymodal/trainer';
import { printable } from '../command/printable';
import type { Surroundings } from '../surroundings';
import { leftOut } from './left-out';
import { atLine, type CalledTables, toldByLine } from './told-by-line';

/** Tables whose samples a model learns from, or is judged by, as `train` calls them. */
export type CheckedTables = { readonly [Name in keyof CheckedData]?: Manifest | undefined };

/** Which samples of a table are left, where some are not. */
export type LeftSamples = { readonly [Name in keyof CheckedData]?: readonly number[] };

/** What {@link leavingOut} goes by. */
export interface LeavingOutOptions {
  readonly model: Model;
  readonly tables: CheckedTables;
  /** What the function calls the tables. By default as `train` does. */
  readonly called?: (tables: CheckedTables) => CalledTables;
  readonly onError: 'throw' | 'skip' | undefined;
  /** What else than a bad row may come of rows that are to be left out. None by default. */
  readonly follows?: (error: unknown) => boolean;
  readonly messages: Surroundings['messages'];
  readonly signal: AbortSignal;
}

/** Faults that are kept to be told. */
const mostTold = 100;

/**
 * What a function makes of tables. A row that only the model finds wrong, whose picture cannot be decoded or whose class there is not, is an error
 * with its file and line; or, with `onError: 'skip'`, it is told and left out, with all others of its kind, and the function is called again.
 * Nobody pays for the search who has no such row.
 */
export async function leavingOut<T>(
  options: LeavingOutOptions,
  use: (tables: CheckedTables, left: LeftSamples) => Promise<T>,
): Promise<T> {
  const { tables, called = (own: CheckedTables) => ({ ...own }), onError, follows } = options;
  try {
    return await use(tables, {});
  } catch (error) {
    const found = onError === 'skip' && (isOfSample(error) || follows?.(error)) ? await usable(options) : undefined;
    if (!found) throw PolymodalError.isInstance(error) ? atLine(error, called(tables)) : error;
    return await toldByLine(called(found.tables), () => use(found.tables, found.left));
  }
}

/** What is left of tables; undefined where nothing is wrong with a sample by itself, or with all of them. */
async function usable({ model, tables, messages, signal }: LeavingOutOptions) {
  const found = await unusableSamples(model, tables, { signal, progress: messages });
  const [left, kept]: [Record<string, number[]>, Record<string, Manifest>] = [{}, {}];
  for (const [name, faults] of Object.entries(found)) {
    const table = tables[name as keyof CheckedData]!;
    const bad = new Set(faults.map(({ index }) => index));
    left[name] = Array.from({ length: table.length }, (_, index) => index).filter((index) => !bad.has(index));
    kept[name] = table.select(left[name]);
  }
  const faults = Object.values(found).flat();
  if (faults.length === 0 || Object.values(kept).some(({ length }) => length === 0)) return undefined;
  const all = Object.values(tables).reduce((sum, table) => sum + (table?.length ?? 0), 0);
  const first = faults.slice(0, mostTold).map(({ error }) => atLine(error, { ...tables }));
  messages.write(`${printable(leftOut({ count: faults.length, first }, all))}\n`);
  return { tables: kept as CheckedTables, left: left as LeftSamples };
}
