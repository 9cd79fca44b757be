/** A Transformer, its batch, and how much of it is measured. */
export interface TrainStepConfig {
  readonly numHiddenLayers: number;
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numLabels: number;
  readonly learningRate: number;
  readonly warmUpSteps: number;
  readonly stepsPerRound: number;
  /** TensorFlow.js's wasm backend is too slow for as many; or why it takes no part. */
  readonly wasm: { readonly warmUpSteps: number; readonly stepsPerRound: number } | string;
}

const numLabels = 10;

/** By layers × width. 12x768 has the sizes of ViT-B/16 on pictures of 224 × 224; 2x64 shows what a step costs at least. */
export const configs: Readonly<Record<string, TrainStepConfig>> = {
  '6x384': {
    numLabels,
    numHiddenLayers: 6,
    hiddenSize: 384,
    numAttentionHeads: 6,
    batchSize: 32,
    sequenceLength: 64,
    learningRate: 1e-4,
    warmUpSteps: 4,
    stepsPerRound: 5,
    wasm: { warmUpSteps: 1, stepsPerRound: 1 },
  },
  '12x768': {
    numLabels,
    numHiddenLayers: 12,
    hiddenSize: 768,
    numAttentionHeads: 12,
    batchSize: 8,
    sequenceLength: 197,
    learningRate: 1e-5, // at 1e-4 losses soar, and rounding with them
    warmUpSteps: 3,
    stepsPerRound: 2,
    wasm: 'left out: it ends with an allocation that fails, since a step needs more memory than it can address',
  },
  '2x64': {
    numLabels,
    numHiddenLayers: 2,
    hiddenSize: 64,
    numAttentionHeads: 2,
    batchSize: 16,
    sequenceLength: 16,
    learningRate: 1e-4,
    warmUpSteps: 100,
    stepsPerRound: 100,
    wasm: { warmUpSteps: 3, stepsPerRound: 10 },
  },
};
