/** A text encoder. */
export interface ModelConfig {
  readonly numHiddenLayers: number;
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
}

/** A model, what it is given, and how much of it is measured. */
export interface InferenceConfig {
  readonly model: ModelConfig;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly warmUpCalls: number;
  readonly callsPerTurn: number;
}

const bert = { vocabSize: 30_522, maxPositionEmbeddings: 512 };
const small = { ...bert, numHiddenLayers: 6, hiddenSize: 384, numAttentionHeads: 6 };
const base = { ...bert, numHiddenLayers: 12, hiddenSize: 768, numAttentionHeads: 12 };

/** By layers × width, rows × tokens. 12x768 has the sizes of BERT-base. */
export const configs: Readonly<Record<string, InferenceConfig>> = {
  '6x384-1x128': { model: small, batchSize: 1, sequenceLength: 128, warmUpCalls: 10, callsPerTurn: 15 },
  '6x384-16x128': { model: small, batchSize: 16, sequenceLength: 128, warmUpCalls: 2, callsPerTurn: 2 },
  '12x768-1x128': { model: base, batchSize: 1, sequenceLength: 128, warmUpCalls: 3, callsPerTurn: 4 },
};
