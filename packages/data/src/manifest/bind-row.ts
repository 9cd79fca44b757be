import { PolymodalError, type Sample, SampleError } from '@polymodal/core';
import type { Cells } from '../table/table';
import { isMissing } from '../values/missing-cells';
import { type ReadValueOptions, readValue } from '../values/read-value';
import type { BoundColumn, ResolvedBinding, ResolvedBindings } from './resolve-bindings';

/** How rows become samples. */
export interface BindRowOptions extends Omit<ReadValueOptions, 'decimal'> {
  readonly missing: ReadonlySet<string>;
}

/**
 * The sample of a row: a value for each slot and target whose cells are not empty.
 *
 * @param where how error messages call the row
 * @throws SampleError for a cell that is not what its column is, or no file, and a row without a value for any slot
 */
export async function bindRow(
  cells: Cells,
  { slots, targets }: ResolvedBindings,
  options: BindRowOptions,
  where: string,
): Promise<Sample> {
  const values = await valuesOf(slots, cells, options, where);
  if (Object.keys(values).length === 0) {
    const columns = slots.flatMap((slot) => slot.columns.map(({ column }) => column));
    throw new SampleError({ where, expected: `a value in at least one of ${columns.join(', ')}`, received: 'none' });
  }
  const own = await valuesOf(targets, cells, options, where);
  return Object.keys(own).length === 0 ? values : { ...values, targets: own };
}

async function valuesOf(
  bindings: readonly ResolvedBinding[],
  cells: Cells,
  options: BindRowOptions,
  where: string,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { name, columns, isRecord } of bindings) {
    const there = columns.filter(({ place }) => !isMissing(cells[place], options.missing));
    const read: (readonly [string, unknown])[] = [];
    for (const column of there) read.push([column.column, await cellValue(cells, column, options, where)]);
    if (read.length > 0) values[name] = isRecord ? Object.fromEntries(read) : read[0][1];
  }
  return values;
}

async function cellValue(
  cells: Cells,
  { column, place, as, decimal }: BoundColumn,
  options: BindRowOptions,
  where: string,
) {
  try {
    return await readValue(cells[place], as, { ...options, decimal });
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at(`${where}, column "${column}"`) : error;
  }
}
