export { type Classification, type ClassificationConfig, ClassificationHead } from './classification-head';
export {
  type ContrastiveConfig,
  ContrastiveHead,
  type ContrastiveOutput,
  type Embeddings,
  type RowEmbeddings,
} from './contrastive-head';
export { contrastiveLoss } from './contrastive-loss';
export { crossEntropy } from './cross-entropy';
export { heads as default, heads } from './plugin';
export { retrievalRecall } from './retrieval-recall';
