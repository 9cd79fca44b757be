export { answerText } from './data/answer-text';
export type { Augment, AugmentSample } from './data/augment';
export type { BatchSize } from './data/batch-size';
export type { Dataset, SampleBlocks, Samples } from './data/dataset';
export { type FirstBatch, type FirstBatchOptions, firstBatch } from './data/first-batch';
export { type FitOptions, fitProcessors } from './data/fit-processors';
export type { ModalityDropout } from './data/modality-dropout';
export type { DataSources } from './data/name-sources';
export type { ImportedAugment } from './data/preparing/imported-augment';
export type { Weights } from './data/sample-weights';
export { describeTokens, type TokenCount } from './data/token-count';
export {
  type CheckedData,
  type CheckOptions,
  isOfSample,
  type UnusableSample,
  unusableSamples,
} from './data/unusable-samples';
export { NonFiniteLossError } from './errors/non-finite-loss-error';
export { WorkerError } from './errors/worker-error';
export { estimateMemory, type MemoryEstimate } from './estimate-memory';
export { type CalibrateOptions, calibrate } from './evaluation/calibrate';
export {
  type EvaluateSubsetsOptions,
  evaluate,
  evaluateSubsets,
  type SubsetFigures,
} from './evaluation/evaluate';
export type { HeadFigures, ModelFigures } from './evaluation/evaluate-heads';
export type { EvaluateOptions } from './evaluation/evaluate-options';
export { type Interval, wilsonInterval } from './evaluation/wilson-interval';
export { type LossGradients, type LossGradientsOptions, lossGradients } from './loss-gradients';
export type { AllModalities, ModalityFigures } from './modalities/modality-figures';
export type { Modulation } from './modalities/modulation';
export { type ModalityProbe, type ProbeOptions, probeModalities } from './modalities/probe-modalities';
export { AdamW, type AdamWOptions, type BundleState, type Moment, type UpdateOptions } from './optimizers/adamw';
export { decayLayers } from './optimizers/layer-decay';
export type { Gradients } from './optimizers/parameter-bundle';
export {
  assignGroups,
  type GroupSettings,
  type OptimizedParameter,
  type ParameterGroup,
  startingPoints,
} from './optimizers/parameter-groups';
export { type EmaOptions, WeightAverage } from './optimizers/weight-average';
export { formatSeconds, type ProgressBar, type ProgressStream, progressBar } from './progress';
export { confusionMatrix } from './report/confusion-matrix';
export { type LineChart, lineChart, type Series } from './report/line-chart';
export { type Cell, table } from './report/table';
export { figuresTable, learningCurves, subsetTable, trainingSections } from './report/training-report';
export { type Report, renderReport, type Section, writeReport } from './report/write-report';
export type { BestEpoch, BestOptions } from './run/best-epoch';
export type { EpochRecord } from './run/epoch-record';
export { interruptSignal } from './run/interrupt-signal';
export { type RunStatus, runStatus } from './run/run-folder';
export { learningRateAt, type Schedule, type ScheduleName } from './schedules';
export type { StageOptions, StageSettings } from './stage-options';
export { type StartFromOptions, type StartReport, startFrom } from './start-from';
export { train } from './train';
export {
  type NamedStageOptions,
  type RunOptions,
  type TrainOptions,
  type TrainSettings,
  trainingOptions,
} from './train-options';
export type { TrainResult } from './train-result';
export { type Watch, type WatchOptions, watchRuns } from './watch/watch-runs';
