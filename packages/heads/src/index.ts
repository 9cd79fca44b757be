export { type ClassFeatures, ClassProcessor, type ClassRow, classTarget } from './class-target';
export type { Classification } from './classification';
export { ClassificationHead } from './classification-head';
export type { ClassificationConfig } from './classification-options';
export { ContrastiveHead, type ContrastiveOutput, type Embeddings } from './contrastive-head';
export { contrastiveLoss, pairwiseLoss } from './contrastive-loss';
export type { ContrastiveConfig } from './contrastive-options';
export { crossEntropy } from './cross-entropy';
export {
  type ExpertClassification,
  type ExpertClassificationConfig,
  ExpertClassificationHead,
  type ExpertLogits,
} from './expert-classification-head';
export { type MatchFeatures, MatchProcessor, type MatchRow, matchTarget } from './match-target';
export { heads as default, heads } from './plugin';
export { MlpProjection, type Projection } from './projection';
export { retrievalRecall } from './retrieval-recall';
export type { PresentValues } from './select-present-rows';
export { type ZeroShotOptions, zeroShot } from './zero-shot';
