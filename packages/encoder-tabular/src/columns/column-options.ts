import { z } from 'zod';
import { CategoryColumn } from './category-column';
import type { Column } from './column';
import { DateColumn, dateParts } from './date-column';
import { FlagColumn } from './flag-column';
import { NumberColumn } from './number-column';
import { numberScales } from './number-scale';

/** The options of cells that are numbers. */
export const numberOptions = {
  /** How they are scaled, by what the training data have: by rank, by mean and deviation, or not at all. */
  scale: z.enum(numberScales).default('quantile'),
};

/** The options of cells that name categories. */
export const categoryOptions = {
  /** Those that may be told apart; left out, any that the training data have. */
  values: z.array(z.string().min(1)).min(1).max(100_000).readonly().optional(),
  /** How many are told apart at most: the most frequent ones of the training data. */
  most: z.int().min(1).max(100_000).default(64),
  /** How often one that is told apart occurs in the training data at least. */
  minCount: z.int().min(1).default(2),
  /** Whether a category that is not told apart goes into the bucket of all others, or is refused where it is not known. */
  unknown: z.enum(['other', 'refuse']).default('other'),
};

/** The options of cells that are dates. */
export const dateOptions = {
  /** How the time is scaled. */
  scale: z.enum(numberScales).default('quantile'),
  /** What of a date the model sees. */
  parts: z.array(z.enum(dateParts)).min(1).readonly().default(['time', 'month', 'weekday']),
};

const kinds = ['number', 'category', 'date', 'flag'] as const;
const textHint =
  'number, category, date or flag (a text belongs in a slot of its own: title: { use: "transformer" } of @polymodal/encoder-text)';

/** A column in a config: its kind, or its kind and options. */
export const columnOptions = z
  .union(
    [
      z.enum(kinds),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('number'), ...numberOptions }),
        z.strictObject({ type: z.literal('category'), ...categoryOptions }),
        z.strictObject({ type: z.literal('date'), ...dateOptions }),
        z.strictObject({ type: z.literal('flag') }),
      ]),
    ],
    // what is wrong within an object says more than that it is none of the kinds
    { error: ({ input }) => (typeof input === 'object' && isKind(input) ? undefined : textHint) },
  )
  .transform((column) => (typeof column === 'string' ? withDefaults(column) : column));

/** A column with its kind and options. */
export type ColumnOptions = z.output<typeof columnOptions>;

/** What reads and learns of the cells of a column. */
export function columnOf(options: ColumnOptions): Column {
  switch (options.type) {
    case 'number':
      return new NumberColumn(options.scale) as Column;
    case 'category':
      return new CategoryColumn(options) as Column;
    case 'date':
      return new DateColumn(options.scale, options.parts) as Column;
    case 'flag':
      return new FlagColumn() as Column;
  }
}

function isKind(input: object | null): boolean {
  return (kinds as readonly unknown[]).includes((input as { type?: unknown } | null)?.type);
}

function withDefaults(type: (typeof kinds)[number]) {
  switch (type) {
    case 'number':
      return { type, ...z.object(numberOptions).parse({}) };
    case 'category':
      return { type, ...z.object(categoryOptions).parse({}) };
    case 'date':
      return { type, ...z.object(dateOptions).parse({}) };
    case 'flag':
      return { type };
  }
}
