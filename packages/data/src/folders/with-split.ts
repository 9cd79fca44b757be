import { isFault, type Table } from '../table/table';
import { tableView } from '../table/table-view';

/** A table with the column `split`, which says the same in every row, unless it has such a column already. */
export function withSplit(table: Table, split: string): Table {
  if (table.columns.includes('split')) return table;
  const place = table.columns.length;
  return tableView(table, {
    columns: [...table.columns, 'split'],
    async read(index, unread) {
      const row = await table.read(index, unread);
      if (isFault(row)) return row;
      const cells = [...row];
      cells[place] = split;
      return cells;
    },
  });
}
