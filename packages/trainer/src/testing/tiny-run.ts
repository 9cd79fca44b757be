import type { TrainOptions } from '../train-options';
import { tinySamples } from './tiny-model';

/** A short training in which everything is random that can be: order, dropout, augmentation. */
export const tinyRun: TrainOptions = {
  data: tinySamples(120, 3, 0.3),
  evaluate: tinySamples(30, 5),
  epochs: 8,
  batchSize: 16,
  learningRate: 0.02,
  modalityDropout: 0.3,
  checkpointEvery: { steps: 3 },
  progress: false,
};
