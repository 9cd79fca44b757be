import { resolve } from 'node:path';
import { PolymodalError, type Sample, SampleError } from '@polymodal/core';
import { type ConversationReading, readConversation } from '../conversation/read-conversation';
import type { Cells } from '../table/table';
import { isMissing } from '../values/missing-cells';
import { readValue } from '../values/read-value';
import type { BoundColumn, ResolvedBinding, ResolvedBindings } from './resolve-bindings';

/** How rows become samples. */
export interface BindRowOptions {
  readonly missing: ReadonlySet<string>;
  /** Whether addresses can be fetched. */
  readonly mayFetch: boolean;
  /** The folder from which relative paths start, itself relative to that of the row's file. */
  readonly root: string;
}

/** A row, and where it stands. */
export interface PlacedRow {
  readonly cells: Cells;
  /** The folder of its file. */
  readonly folder: string;
  /** How error messages call it. */
  readonly where: string;
}

/**
 * The sample of a row: a value for each slot and target whose cells are not empty.
 *
 * @throws SampleError for a cell that is not what its column is, or no file, and a row without a value for any slot
 */
export async function bindRow(
  row: PlacedRow,
  { slots, targets }: ResolvedBindings,
  options: BindRowOptions,
): Promise<Sample> {
  const values = await valuesOf(slots, row, options);
  if (Object.keys(values).length === 0) {
    const columns = slots.flatMap((slot) => slot.columns.map(({ column }) => column));
    const expected = `a value in at least one of ${columns.join(', ')}`;
    throw new SampleError({ where: row.where, expected, received: 'none' });
  }
  const own = await valuesOf(targets, row, options);
  return Object.keys(own).length === 0 ? values : { ...values, targets: own };
}

async function valuesOf(bindings: readonly ResolvedBinding[], row: PlacedRow, options: BindRowOptions) {
  const values: Record<string, unknown> = {};
  for (const { name, columns, isRecord, conversation } of bindings) {
    const there = columns.filter(({ place }) => !isMissing(row.cells[place], options.missing));
    const read: (readonly [string, unknown])[] = [];
    for (const column of there) read.push([column.column, await cellValue(row, column, options)]);
    if (read.length === 0) continue;
    const record = Object.fromEntries(read);
    if (conversation) values[name] = await conversationValue(row, record, conversation, options);
    else values[name] = isRecord ? record : read[0][1];
  }
  return values;
}

async function conversationValue(
  { folder, where }: PlacedRow,
  record: Readonly<Record<string, unknown>>,
  conversation: ConversationReading,
  { mayFetch, root }: BindRowOptions,
): Promise<unknown> {
  try {
    return await readConversation(record, conversation, { root: resolve(folder, root), mayFetch });
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    throw error.at([where, error.where].filter(Boolean).join(', '));
  }
}

async function cellValue(
  { cells, folder, where }: PlacedRow,
  { column, place, as, decimal }: BoundColumn,
  { mayFetch, root }: BindRowOptions,
): Promise<unknown> {
  try {
    return await readValue(cells[place], as, { root: resolve(folder, root), decimal, mayFetch });
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at(`${where}, column "${column}"`) : error;
  }
}
