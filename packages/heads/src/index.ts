export { BoxDecoder, type BoxDecoderConfig, type LookedAt } from './boxes/box-decoder';
export { type Box, type BoxFormat, boxFormats } from './boxes/box-format';
export type { BoxLossConfig } from './boxes/box-loss';
export { type BoxFeatures, type BoxRow, BoxTarget, type BoxTargetOptions, boxTarget } from './boxes/box-target';
export { type BoxesConfig, BoxesHead, type BoxesOutput } from './boxes/boxes-head';
export type { FindOptions, FoundBox, FoundBoxes } from './boxes/found-boxes';
export type { MatchCosts, QueriedBoxes } from './boxes/match-boxes';
export { type ClassFeatures, ClassProcessor, type ClassRow } from './class-target';
export type { Classification } from './classification';
export { ClassificationHead } from './classification-head';
export type { ClassificationConfig } from './classification-options';
export { BalancedClassProcessor, classTarget } from './classification-target';
export { ContrastiveHead, type ContrastiveOutput, type Embeddings } from './contrastive-head';
export { contrastiveLoss, pairwiseLoss } from './contrastive-loss';
export type { ContrastiveConfig } from './contrastive-options';
export { crossEntropy } from './cross-entropy';
export type { EstimationLoss } from './estimation-loss';
export {
  type ExpertClassification,
  type ExpertClassificationConfig,
  ExpertClassificationHead,
  type ExpertLogits,
} from './expert-classification-head';
export type { HiddenConfig } from './hidden-layers';
export { maskedAutoencoder } from './masked/masked-autoencoder';
export {
  type EncodedValue,
  type MaskedAutoencoderConfig,
  MaskedAutoencoderHead,
  type MaskedAutoencoderOutput,
} from './masked/masked-autoencoder-head';
export { type MatchFeatures, MatchProcessor, type MatchRow, matchTarget } from './match-target';
export { type Matching, type MatchingConfig, MatchingHead } from './matching-head';
export { type Labelling, type MultiLabelConfig, MultiLabelHead } from './multi-label-head';
export {
  BalancedMultiLabelProcessor,
  type LabelsFeatures,
  type LabelsRow,
  MultiLabelProcessor,
  multiLabelTarget,
  type RawLabels,
} from './multi-label-target';
export { type OrdinalConfig, OrdinalHead } from './ordinal-head';
export { heads as default, heads } from './plugin';
export { MlpProjection, type Projection } from './projection';
export {
  type QuantileEstimate,
  type QuantileRegressionConfig,
  QuantileRegressionHead,
} from './quantile-regression-head';
export { type Estimate, type RegressionConfig, RegressionHead } from './regression-head';
export {
  type NumberFeatures,
  type NumberRow,
  RegressionTarget,
  regressionTarget,
  type TargetScale,
} from './regression-target';
export { retrievalRecall } from './retrieval-recall';
export type { PresentValues } from './select-present-rows';
export { type ZeroShotOptions, zeroShot } from './zero-shot';
