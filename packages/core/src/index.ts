import './backend/cpu-backend'; // tensors can be made, and gradients taken, before a backend is chosen

export { Adapter, adaptersOf, ownParameters } from './adapter';
export type { AttendedTokens } from './attention/attended-tokens';
export { type AttentionMap, attentionMaps } from './attention/attention-maps';
export {
  type Augmentation,
  type Augmentations,
  type BatchAugmentation,
  type BatchChange,
  changesFeatures,
  changesValues,
  type FeatureAugmentation,
  type FeatureChange,
  type MixedFeatures,
  mixesBatches,
  type ValueAugmentation,
  type ValueChange,
} from './augmentation/augmentation';
export { augmentedFeatures } from './augmentation/augmented-features';
export { augmentedValue } from './augmentation/augmented-value';
export {
  type AugmentationDefinition,
  type AugmentationFactory,
  type AugmentationOptions,
  defineAugmentation,
  makeAugmentation,
} from './augmentation/define-augmentation';
export { augmentationLists, makeAugmentations } from './augmentation/make-augmentations';
export { mixedBatch } from './augmentation/mixed-batch';
export { drawWithin, type NumberRange, rangeOption } from './augmentation/number-range';
export type { BackendChoice, BackendName } from './backend/backend-choice';
export { type BackendCapabilities, backendCapabilities, type StoredValues } from './backend/capabilities';
export { compiled } from './backend/compiled';
export type { Compiled, CompiledOptions } from './backend/compiled-function';
export { useBackend } from './backend/use-backend';
export {
  type Batch,
  disposeBatch,
  type HostBatch,
  type HostRows,
  type Mixture,
  type ModalityBatch,
  type TargetBatch,
  uploadBatch,
} from './batch';
export { checkModelConfig } from './check-config';
export {
  addAdapters,
  type ComposeOptions,
  composeModel,
  composeUnchecked,
  initializeModel,
} from './compose-model';
export {
  type Context,
  type InferenceContextOptions,
  inferenceContext,
  type TrainingContextOptions,
  trainingContext,
} from './context';
export { costOf, type ModelCost } from './cost/cost-of';
export { multiplyAddsOf } from './cost/multiply-adds';
export { defineConfig } from './define-config';
export { describeThrown } from './describe-thrown';
export { describeValue } from './describe-value';
export { type Divided, type DividingProcessor, isDividing, type Pieces } from './document/dividing-processor';
export {
  type DocumentPart,
  type DocumentPlace,
  type Interleaved,
  type InterleavingProcessor,
  isInterleaving,
  type LaidOutPart,
  type OwnPart,
} from './document/interleaving-processor';
export { collatePlaces, hasPlaces, type PlaceFeatures, placeFeatures } from './document/place-features';
export { rawValues } from './document/sample-values';
export { sequenceFeatures } from './document/sequence-features';
export { drawnTargets } from './drawn-targets';
export { type EncodedFeatures, encodedRows } from './encoded/encoded-rows';
export { EncoderProgram, type EncoderProgramOptions } from './encoded/encoder-program';
export { encodersOf } from './encoded/given-encoder';
export { Encoder, type ValueBlocks, withTokens } from './encoder';
export * from './errors';
export { commonLengths, type FeatureShape, type Lengths } from './feature-shape';
export type { FeatureTensors } from './feature-tensors';
export {
  bucketLength,
  emptyLike,
  type Features,
  type HostData,
  type HostScalar,
  type HostTensor,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
  type HostTensor4D,
  hostTensor,
  lengthMask,
  padAndStack,
  type TensorType,
  tensorValues,
} from './features';
export { finiteValues } from './finite-values';
export type { ModelOutput } from './forward-pass';
export { type FusedPart, fusedPart, fusedParts } from './fused-part';
export { type Encoders, Fusion, type SlotStart } from './fusion';
export { hashFeatures } from './hash-features';
export {
  type AskedSample,
  Head,
  type HeadInput,
  type KnownSample,
  type Metrics,
  type ProducedPiece,
  type ViewInput,
} from './head';
export type { HeadOutput } from './head-output';
export type { HeadTarget, HeadTargets } from './head-target';
export { holdModel } from './hold-model';
export { adoptTensor, uploadTensor, viewValues } from './host-values';
export { isDetached } from './is-detached';
export { isLearning, type LearningProcessor } from './learning-processor';
export { literalPattern } from './literal-pattern';
export {
  addCounts,
  type HeadRows,
  type LossCounts,
  type Losses,
  type LossTerm,
  type LossTerms,
  meanLoss,
  type SummedTerm,
  type TermCount,
} from './loss';
export { composeProcessors, processorOptions, type SavedFile } from './make-processors';
export { mapRecord } from './map-record';
export { matchesPath } from './match-path';
export { MeanAndDeviation } from './mean-and-deviation';
export { Model, type Samples } from './model';
export type {
  AdapterSlot,
  AnswersOf,
  EncoderSlot,
  FusionSlot,
  HeadInputs,
  HeadRules,
  HeadSlot,
  HeadUses,
  ModelConfig,
  RequestsOf,
  UncheckedModelConfig,
  UncheckedSlot,
} from './model-config';
export { modelLimit } from './model-limit';
export type { ModelOf } from './model-of';
export type { ModelParts } from './model-parts';
export { initialize, Module, setTrainable } from './module';
export { ModuleBuffer } from './module-buffer';
export { nearestNames, suggestNames, suggestPaths } from './nearest-names';
export { mostValues, packSamples, valueCounts } from './packing/pack-samples';
export { requirePacking } from './packing/require-packing';
export { collateSegments, isPacked, type SegmentFeature } from './packing/segment-feature';
export { type HeldPrecision, type Initializer, Parameter } from './parameter';
export { limitParameters, type ParameterLimit } from './parameter-limit';
export { ParameterFiller, readParameters, writeParameters } from './parameter-values';
export { parseConfig } from './parse-config';
export { askPart } from './part/ask-part';
export { currentPass, type Pass } from './pass';
export { isWithin, type PatternFault, pathsOf, patternFault } from './path-patterns';
export { type PicturePlace, type PicturePlaceFeature, picturePlace, picturePlaceFeature } from './picture-place';
export {
  type AdapterDefinition,
  type AdapterSetup,
  defineAdapter,
  defineEncoder,
  defineFusion,
  defineHead,
  defineModality,
  definePlugin,
  defineProcessor,
  defineTarget,
  type EncoderDefinition,
  type EncoderSetup,
  type FusionDefinition,
  type FusionSetup,
  type HeadDefinition,
  type HeadSetup,
  type ModalityDefinition,
  type Plugin,
  type ProcessorDefinition,
  type ProcessorSetup,
  type TargetDefinition,
  type TargetSetup,
} from './plugin';
export { type PointingWay, pointedSlot } from './pointed-slot';
export type { Answered, Prediction, PredictionOrError } from './predict/answer';
export type { ModelSignature } from './predict/model-signature';
export type { HeadRequests, PredictOptions, RequestOf } from './predict/predict-options';
export type { StreamOptions } from './predict/stream-head';
export { prepareSample } from './prepare-sample';
export {
  batchByShape,
  collateSamples,
  type PreparedSample,
  type Processors,
  type SampleProcessors,
  sampleShape,
  shapeKey,
  targetPart,
} from './prepared-sample';
export { type PresentRows, presentRows } from './present-rows';
export type { FeatureMasks, FeaturesOf, LengthAxes, PrepareContext, ProcessContext, Processor } from './processor';
export { processorFiles } from './processor-files';
export { RandomKey } from './random-key';
export { readSampleFile } from './read-sample-file';
export { type Recomputation, recomputed } from './recomputation/recomputed';
export { isOwnProgram, type Separation } from './recomputation/run-apart';
export { runLayer } from './recomputation/run-layer';
export { createRegistry, Registry } from './registry';
export { isPath, isRecord, requireArgument } from './require-argument';
export { describeRequirements, fulfils, type Requirements, requirementsSchema } from './requirements';
export type { HeadRoute } from './routing/head-route';
export { modalitySubsets } from './routing/modality-subsets';
export { type CostedRoute, type Routing, type RoutingTableOptions, routingTable } from './routing/routing-table';
export {
  decodeSafetensors,
  encodeSafetensors,
  encodeSafetensorsHeader,
  headerPrefixLength,
  isSafetensorsDtype,
  type NamedTensor,
  parseSafetensorsHeader,
  parseStrictJson,
  type SafetensorsContent,
  type SafetensorsDtype,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type StrictJson,
  type StrictJsonOptions,
  safetensorsByteLength,
  safetensorsHeaderLength,
  type TensorToWrite,
} from './safetensors';
export type { Sample, Targets } from './sample';

export { selectRows, selectTarget } from './select-rows';
export { encoderOfOne } from './several/several-encoder';
export { severalOf } from './several/several-of';
export { processorOfOne } from './several/several-processor';
export { tokenCounts } from './several/token-counts';
export { FeaturePool } from './shared/feature-pool';
export { SharedEncoder } from './shared/shared-encoder';
export { sharedOf } from './shared/shared-of';
export { distinctValues } from './shared/shared-processor';
export { addModality } from './slots/add-modality';
export type { ChangedModel } from './slots/changed-model';
export type { EncoderSource } from './slots/check-slot';
export { removeModality } from './slots/remove-modality';
export type { SlotChange, SlotRules } from './slots/slot-rules';
export { swapEncoder } from './slots/swap-encoder';
export { StepCounter } from './step-counter';
export type { GrowingText, TokenCodec } from './token-codec';
export { type TokenPlaces, tokenPlaces } from './token-places';
export type { CausalPart, EncodedTokens, Fused, Sequence, TokenOwners, Tokens } from './tokens';
export { type UnknownNames, unknownKeys, unknownNames } from './unknown-keys';
export { unreadableValue } from './unreadable-value';
