import type { Model } from '@polymodal/core';
import { train } from '../train';
import type { TrainOptions } from '../train-options';
import type { TrainResult } from '../train-result';
import { ClassHead, tinyModel, tinySamples } from './tiny-model';

const twice = (count: number, seed: number) =>
  tinySamples(count, seed, 0.3).map((own) => ({
    ...own,
    targets: { ...own.targets, other: (own.targets.digit + 1) % 3 },
  }));

const [first, second] = [twice(10, 3), twice(6, 4)];

/** A training in three stages, of which no two have what trains, sources, losses, batches or length in common. */
export const stagedRun = {
  evaluate: twice(6, 5),
  learningRate: 0.02,
  modalityDropout: 0.3,
  checkpointEvery: { steps: 1 },
  progress: false,
  data: { first, second },
  stages: [
    {
      name: 'align',
      epochs: 1,
      batchSize: 4,
      activate: ['a', 'b'],
      train: ['fusion', 'heads.digit'],
      lossWeights: { other: 0 },
      ema: { decay: 0.5 },
    },
    { name: 'mix', data: { second }, steps: 3, batchSize: 2, accumulate: 2, balance: 'digit' },
    {
      ...{ name: 'tune', epochs: 1, batchSize: 8, ratios: { first: 2, second: 3 } },
      ...{ freeze: ['encoders'], keepMoments: true, schedule: 'constant', ema: { decay: 0.5 } },
    },
  ],
} as const satisfies TrainOptions;

/** A model with two heads. */
export const stagedModel = (): Model =>
  tinyModel({ noise: 0.1, heads: { digit: new ClassHead(), other: new ClassHead(3, 4, 'other') } });

/** Trains a new model in stages, in a folder. */
export function stagedRunIn(directory: string, options: object = {}): Promise<TrainResult> {
  return train(stagedModel(), { ...stagedRun, directory, ...options } as TrainOptions);
}
