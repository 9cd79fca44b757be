import { defineProcessor, describeValue, isRecord, SampleError, unknownNames } from '@polymodal/core';
import { z } from 'zod';
import { type Cells, CellsProcessor, cellOrNothing, missingOptions } from './cells-processor';
import { type ColumnOptions, columnOf, columnOptions } from './columns/column-options';

const rowOptions = z.object({
  /** The columns by name, each by its kind, or by its kind and options. */
  columns: z
    .record(z.string().min(1), columnOptions)
    .refine((columns) => Object.keys(columns).length > 0, 'at least one column')
    .readonly(),
  /** What becomes of cells in columns that are not named: they are refused, since a name may be misspelt, or passed over. */
  otherColumns: z.enum(['refuse', 'ignore']).default('refuse'),
  ...missingOptions,
});

/** How rows are read. */
export type RowOptions = z.output<typeof rowOptions>;

/** A row of a table: cells by column. One that is left out, `null`, or an empty string is empty. */
export type RawRow = Readonly<Record<string, unknown>>;

/** Reads the rows of a table. One whose cells are all empty is absent. */
export class RowProcessor extends CellsProcessor<RawRow> {
  readonly #options: RowOptions;

  constructor(options: RowOptions) {
    super(columnsOf(options.columns));
    this.#options = options;
  }

  isAbsent(raw: RawRow): boolean {
    return isRow(raw) && Object.values(this.cellsOf(raw)).every((cell) => cell === undefined);
  }

  protected override cellsOf(raw: RawRow): Cells {
    if (!isRow(raw)) throw new SampleError({ expected: 'a row: cells by column', received: describeValue(raw) });
    const { columns, otherColumns, missing } = this.#options;
    const names = Object.keys(columns);
    const others = Object.keys(raw).filter((name) => !Object.hasOwn(columns, name));
    if (others.length > 0 && otherColumns === 'refuse') {
      const { received, hint } = unknownNames(others, names);
      throw new SampleError({
        expected: 'cells of columns that the config names',
        received,
        hint: `${hint} Or say in the slot: otherColumns: 'ignore'.`,
      });
    }
    const cells = names.map((name) => [name, Object.hasOwn(raw, name) ? cellOrNothing(raw[name], missing) : undefined]);
    return Object.fromEntries(cells);
  }

  protected override name(column: string): string {
    return `column "${column}"`;
  }
}

/** The processor of a slot that takes rows of a table. */
export const rowProcessor = defineProcessor({
  config: rowOptions,
  create: (options, { savedFile }) => {
    const processor = new RowProcessor(options);
    processor.restore(savedFile);
    return processor;
  },
});

function columnsOf(columns: Readonly<Record<string, ColumnOptions>>) {
  return new Map(Object.entries(columns).map(([name, options]) => [name, columnOf(options)]));
}

/** Not a list, a date, or numbers in an array, which are of another kind. */
function isRow(raw: unknown): raw is RawRow {
  if (!isRecord(raw)) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  return prototype === Object.prototype || prototype === null;
}
