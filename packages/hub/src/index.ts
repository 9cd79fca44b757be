export type { Checkpoint, CheckpointTensor, TensorInfo } from './checkpoint/checkpoint';
export { openCheckpoint } from './checkpoint/open-checkpoint';
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
