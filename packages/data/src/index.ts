export type { ConversationBinding } from './conversation/conversation-binding';
export type { ConversationTurn } from './conversation/read-conversation';
export { type SplitName, splitName } from './folders/split-name';
export type { InspectedColumn } from './inspect/inspect-columns';
export { type InspectOptions, inspectManifest } from './inspect/inspect-manifest';
export type {
  Counts,
  InspectedSample,
  InspectedValue,
  Inspection,
  ModalityFigures,
  TargetFigures,
} from './inspect/inspection';
export { inspectionText } from './inspect/inspection-text';
export type { LengthSummary } from './inspect/length-summary';
export type { Repeated, RepeatedContents } from './inspect/repeated-content';
export type { FileView, Viewer } from './inspect/viewer';
export { Manifest, type RowFaults } from './manifest/manifest';
export { type Binding, type ColumnBinding, type ManifestOptions, manifestOptions } from './manifest/manifest-options';
export { openManifest } from './manifest/open-manifest';
export type { BoundColumn, ResolvedBinding, ResolvedBindings } from './manifest/resolve-bindings';
export { samplesBySource } from './manifest/samples-by-source';
export { type WeightColumn, type WeightedSamples, weightColumn, weightedSamples } from './manifest/weighted-samples';
export { drawMissingTable, type MissingTable, readMissingTable, saveMissingTable } from './missing/missing-table';
export { withMissing } from './missing/with-missing';
export type { ColumnKind, FoundKind } from './schema/column-kind';
export type { FoundFiles } from './schema/find-files';
export type { ProposedConversation } from './schema/propose-conversation';
export {
  type ColumnSchema,
  type ProposedSchema,
  type ProposedSlot,
  type ProposeOptions,
  proposeSchema,
} from './schema/propose-schema';
export type { ProposedTarget } from './schema/propose-target';
export type { Split, SplitEntry, SplitRecipe } from './split/split';
export { readSplit, saveSplit } from './split/split-file';
export { type SplitOptions, splitManifest, splitOptions } from './split/split-manifest';
export { openTable, type TableOptions, tableOptions } from './table/open-table';
export type { RowBlocks, SampleBlocks } from './table/row-blocks';
export type { Cells, RowOrFault, Table } from './table/table';
export { formatOf, type TableFormat } from './table/table-format';
export type { CsvOptions } from './text/csv-table';
export { isAddress, mediaOfName } from './values/media-type';
export type { CellKind } from './values/read-value';
