import type { Sample } from '@polymodal/core';
import { type DataSources, train } from '@polymodal/trainer';
import type { SceneSample } from './data/scene-sample';
import { type ModelSetup, perceptionModel } from './scenes-model';

/** How encoders learn to see and to read, once for all methods of a seed. */
export interface PerceptionRun {
  readonly setup: ModelSetup;
  readonly epochs: number;
  readonly directory: string;
}

/**
 * Trains the encoders alone: pictures without questions have to show their layout, questions without pictures what they ask about what.
 * Attention finds an object by what its tokens say of it, and as long as these say nothing, answers teach it next to nothing. What is
 * finished or half done is gone on with.
 *
 * @returns the seconds that it took
 */
export async function learnToPerceive(
  { setup, epochs, directory }: PerceptionRun,
  data: DataSources,
  signal: AbortSignal,
): Promise<number> {
  const model = perceptionModel(setup);
  try {
    const options = { data, epochs, batchSize: 32, learningRate: 4e-3, seed: setup.seed, directory, signal };
    const { seconds } = await train(model, options);
    signal.throwIfAborted();
    return seconds;
  } finally {
    model.dispose();
  }
}

/** Each picture once, without a question. */
export function picturesOf(samples: readonly SceneSample[]): Sample[] {
  return firstOfEachScene(samples).map(({ image, targets: { scene } }) => ({ image, targets: { layout: scene } }));
}

/** As many written questions as there are pictures: there are few different ones. */
export function questionsOf(samples: readonly SceneSample[]): Sample[] {
  return firstOfEachScene(samples).map(({ text, source }) => ({ text, targets: readingOf(source) }));
}

/** What is to be understood of a question. */
export function readingOf({ kind, subject, other }: SceneSample['source']): Sample['targets'] {
  return { kind, subject, ...(other && { other }) };
}

function firstOfEachScene(samples: readonly SceneSample[]): readonly SceneSample[] {
  return samples.filter(({ image }, index) => image !== samples[index - 1]?.image);
}
