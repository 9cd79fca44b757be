export type { Checkpoint, CheckpointTensor, TensorInfo } from './checkpoint/checkpoint';
export { openCheckpoint } from './checkpoint/open-checkpoint';
export { StorageError } from './errors/storage-error';
export type {
  GenerationConfig,
  PreprocessorConfig,
  PretrainedConfig,
  ProcessorConfig,
  SpecialTokensMap,
  TokenizerConfig,
  TokenizerFile,
} from './pretrained/config-files';
export { openPretrained, type Pretrained, type PretrainedTokenizer } from './pretrained/open-pretrained';
export type { TensorValues } from './save/element-encoders';
export { type SaveCheckpointOptions, saveCheckpoint } from './save/save-checkpoint';
export type { TensorToSave } from './save/tensor-to-save';
export { writeSafetensorsFile } from './save/write-safetensors-file';
