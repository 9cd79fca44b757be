import type { Table } from './table';

/** A table with something changed. */
export function tableView(table: Table, changes: Partial<Table>): Table {
  return {
    name: table.name,
    columns: table.columns,
    length: table.length,
    remarks: table.remarks,
    classes: table.classes,
    blocks: table.blocks,
    read: (index, unread) => table.read(index, unread),
    folder: (index) => table.folder(index),
    id: (index) => table.id?.(index),
    where: (index) => table.where(index),
    ...changes,
  };
}
