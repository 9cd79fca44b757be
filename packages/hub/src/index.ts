export type { Checkpoint, CheckpointTensor, StoredPlace, TensorInfo } from './checkpoint/checkpoint';
export { openCheckpoint } from './checkpoint/open-checkpoint';
export { composePretrained } from './compose/compose-pretrained';
export { type ComposedFamilyParts, defineComposedFamily } from './compose/define-composed-family';
export {
  definePretrainedEncoder,
  type PretrainedEncoderDefinition,
  type PretrainedEncoderParts,
} from './compose/define-pretrained-encoder';
export { pretrainedPart } from './compose/pretrained-part';
export { type EncoderFamily, PretrainedProcessor } from './compose/pretrained-processor';
export { pretrainedWhole } from './compose/pretrained-whole';
export { type Download, download } from './download/download';
export type { DownloadOptions, DownloadProgress, DownloadWait } from './download/download-options';
export { type FetchAddressOptions, fetchAddress } from './download/fetch-address';
export { type VerifiedDownload, type VerifiedFile, verifyDownload } from './download/verify-download';
export { type EmbeddingModel, type EmbedOptions, embed } from './embed/embed';
export {
  AccessError,
  ChecksumError,
  ConnectionError,
  DownloadError,
  NotFoundError,
  OfflineError,
  ProtocolError,
} from './errors/download-error';
export {
  type Adjusted,
  type Adjustment,
  type AdjustmentOptions,
  keepsLayers,
  setsFlag,
  setsRate,
} from './family/adjustment';
export { type CamelCased, camelCased } from './family/camel-cased';
export { CheckpointKeysError, type KeyDifferences } from './family/checkpoint-keys-error';
export { type ConfigOf, defineFamily, type Family, type ModelOf, type ProcessorOf } from './family/define-family';
export { familyConfig, optional } from './family/family-config';
export type { DerivedTensor, IgnoredKey, KeyMap, KeyMapEntry } from './family/key-map';
export { loadParameters } from './family/load-parameters';
export {
  createFromConfig,
  type LoadedPretrained,
  type LoadPretrainedOptions,
  loadPretrained,
} from './family/load-pretrained';
export { type Nesting, nestedKeys } from './family/nested-keys';
export { parsePythonConfig } from './family/parse-python-config';
export type { PlaceInWhole } from './family/place-in-whole';
export { planTransfers, type Transfer } from './family/plan-transfers';
export { type SaveParametersOptions, saveParameters } from './family/save-parameters';
export { savePretrained } from './family/save-pretrained';
export type {
  GenerationConfig,
  PreprocessorConfig,
  PretrainedConfig,
  ProcessorConfig,
  SpecialTokensMap,
  TokenizerConfig,
  TokenizerFile,
} from './pretrained/config-files';
export type { FetchOptions } from './pretrained/fetch-pretrained';
export { openPretrained, type Pretrained } from './pretrained/open-pretrained';
export { parseJsonFile } from './pretrained/parse-json-file';
export type { PretrainedFiles, PretrainedTokenizer } from './pretrained/pretrained-files';
export { withJsonFile } from './pretrained/with-json-file';
export type { TensorValues } from './save/element-encoders';
export { type SaveCheckpointOptions, saveCheckpoint } from './save/save-checkpoint';
export type { TensorToSave } from './save/tensor-to-save';
export { writeSafetensorsFile } from './save/write-safetensors-file';
