export { Manifest, type RowFaults } from './manifest/manifest';
export type { Binding, ColumnBinding, ManifestOptions } from './manifest/manifest-options';
export { openManifest } from './manifest/open-manifest';
export type { BoundColumn, ResolvedBinding, ResolvedBindings } from './manifest/resolve-bindings';
export { openTable, type TableOptions } from './table/open-table';
export type { Cells, RowOrFault, Table } from './table/table';
export type { TableFormat } from './table/table-format';
export type { CsvOptions } from './text/csv-table';
export type { CellKind } from './values/read-value';
