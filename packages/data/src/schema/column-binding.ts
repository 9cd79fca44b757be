import type { ColumnBinding } from '../manifest/manifest-options';
import type { FoundColumn } from './found-column';

/** How the cells of a column of numbers, categories, dates or flags are read. */
export function columnBinding({ column, kind, decimal = '.' }: FoundColumn): string | ColumnBinding {
  if (kind === 'number') return { column, as: 'number', ...(decimal === ',' && { decimal }) };
  return kind === 'flag' ? { column, as: 'flag' } : column;
}
