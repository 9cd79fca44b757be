import type { TrainOptions } from '@polymodal/trainer';

/** How much of a pretrained encoder learns, and how. */
export interface WayOfTuning {
  /** Beside it, in the config of the model. */
  readonly adapters?: readonly object[];
  readonly options: Pick<
    TrainOptions,
    'learningRate' | 'parameterGroups' | 'freeze' | 'frozenTowers' | 'lastLayers' | 'biasesOnly'
  >;
}

const tower = { match: 'encoders', learningRate: 5e-5 };
const lora = {
  use: 'lora',
  targets: ['encoders.**.attention.query', 'encoders.**.attention.value'],
  rank: 8,
  alpha: 16,
};

/** Each with a rate that is usual for it. What is new, the fusion and the head, learns at 1e-3. */
export const ways: Readonly<Record<string, WayOfTuning>> = {
  full: { options: { learningRate: 1e-3, parameterGroups: [tower] } },
  'last-layers': { options: { learningRate: 1e-3, parameterGroups: [tower], lastLayers: 2 } },
  biases: { options: { learningRate: 1e-3, biasesOnly: true } },
  lora: { adapters: [lora], options: { learningRate: 1e-3 } },
  'lora-int8': { adapters: [{ ...lora, frozenWeights: 'int8' }], options: { learningRate: 1e-3 } },
  head: { options: { learningRate: 1e-3, freeze: ['encoders'], frozenTowers: 'float32' } },
};
