export { CellEncoder, type CellEncoderConfig, category, date, flag, number } from './cell-encoder';
export {
  CellProcessor,
  categoryProcessor,
  dateProcessor,
  flagProcessor,
  numberProcessor,
} from './cell-processor';
export { type Cells, type CellsFeatures, CellsProcessor, type CellsRow } from './cells-processor';
export type { Column, ColumnLearning, Field } from './columns/column';
export type { ColumnOptions } from './columns/column-options';
export { CategoryEmbeddings } from './embeddings/category-embeddings';
export { type CellTensors, FieldEmbeddings, type NumberEmbeddings } from './embeddings/field-embeddings';
export { LinearEmbeddings } from './embeddings/linear-embeddings';
export { PeriodicEmbeddings, type PeriodicEmbeddingsConfig } from './embeddings/periodic-embeddings';
export { FtTransformer, type FtTransformerConfig, ftTransformer } from './ft-transformer';
export { FtTransformerLayer, type FtTransformerLayerConfig } from './ft-transformer-layer';
export { tabular, tabular as default } from './plugin';
export { type RawRow, type RowOptions, RowProcessor, rowProcessor } from './row-processor';
export { TabularMlp, type TabularMlpConfig, tabularMlp } from './tabular-mlp';
