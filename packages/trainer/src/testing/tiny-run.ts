import { train } from '../train';
import type { TrainOptions } from '../train-options';
import type { TrainResult } from '../train-result';
import { tinyModel, tinySamples } from './tiny-model';

/** A short training in which everything is random that can be: order, dropout, augmentation. */
export const tinyRun = {
  data: tinySamples(40, 3, 0.3),
  evaluate: tinySamples(9, 5),
  epochs: 4,
  batchSize: 16,
  learningRate: 0.02,
  ema: { decay: 0.8 },
  modalityDropout: 0.3,
  checkpointEvery: { steps: 3 },
  progress: false,
} as const satisfies TrainOptions;

/** Trains a new model in a folder. */
export function runIn(directory: string, options: Partial<TrainOptions> = {}): Promise<TrainResult> {
  return train(tinyModel({ noise: 0.1 }), { ...tinyRun, directory, ...options });
}

/** Trains in a folder up to the end of an epoch, and is stopped there. */
export async function interruptedRunIn(
  directory: string,
  options: Partial<TrainOptions> = {},
  epochs = 3,
): Promise<void> {
  const controller = new AbortController();
  await runIn(directory, {
    ...options,
    signal: controller.signal,
    onEpoch: ({ epoch }) => {
      if (epoch === epochs) controller.abort();
    },
  });
}

/** What a stream for progress was told. */
export function recorder() {
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) > 0 } as unknown as NodeJS.WritableStream;
  return { stream, text: () => said.join('') };
}
