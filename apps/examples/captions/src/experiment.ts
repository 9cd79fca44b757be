import { join } from 'node:path';
import type { RandomKey } from '@polymodal/core';
import { specAugment } from '@polymodal/encoder-audio/augment';
import { startFrom, train } from '@polymodal/trainer';
import { captionsModel, perceptionModel } from './captions-model';
import { pictures, type SampleRecipe, sentences, trainingSamples } from './data/make-samples';

/** A training in its two parts. */
export interface Experiment {
  /** Path of the tokenizer.json of prompts and answers. */
  readonly tokenizer: string;
  readonly seed: number;
  /** Passes over pictures and sentences by themselves; 0 for none. */
  readonly perception: number;
  /** Passes over scenes with what is written about them. */
  readonly epochs: number;
  readonly scenes: number;
  readonly voices: SampleRecipe['voices'];
  readonly key: RandomKey;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Names of the runs within a folder. */
export const [perceptionRun, captionsRun] = ['perception', 'captions'];

/**
 * Encoders learn to see and to hear by themselves, since as long as their tokens say nothing, captions teach them next to nothing; then all
 * learns to write. What is finished or half done is gone on with.
 *
 * @returns the model, and the seconds that both parts took
 */
export async function runExperiment(experiment: Experiment) {
  const { tokenizer, seed, directory, scenes, voices, key, signal } = experiment;
  const perception = join(directory, perceptionRun);
  const perceived = experiment.perception === 0 ? 0 : await perceive(experiment, perception);
  signal.throwIfAborted();
  const model = captionsModel(tokenizer, seed);
  try {
    if (experiment.perception > 0) {
      const written = ['encoders.text', 'fusion', 'heads'];
      await startFrom(model, perception, { mayBeNew: written, mayBeLeft: ['fusion', 'heads'] });
    }
    const { seconds } = await train(model, {
      ...{ seed, signal, epochs: experiment.epochs, batchSize: 32, learningRate: 1e-3 },
      data: trainingSamples(scenes, { voices, key: key.fold('scenes') }),
      modalityDropout: { image: 0.2, audio: 0.2 }, // the prompt always stays
      parameterGroups: [...['encoders.image', 'encoders.audio'].map((match) => ({ match, learningRate: 2e-4 }))],
      augment: { audio: [specAugment({ timeWidth: 12, frequencyWidth: 8 })] },
      directory: join(directory, captionsRun),
      checkpointEvery: { steps: 200 },
    });
    signal.throwIfAborted();
    return { model, seconds: { perception: perceived, captions: seconds } };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function perceive(
  { seed, perception: epochs, scenes, voices, key, signal }: Experiment,
  directory: string,
): Promise<number> {
  const model = perceptionModel(seed);
  try {
    const { seconds } = await train(model, {
      ...{ seed, signal, epochs, batchSize: 32, learningRate: 4e-3, directory, checkpointEvery: { steps: 200 } },
      data: { pictures: pictures(scenes, key.fold('pictures')), sentences: sentences(voices) },
      ratios: { pictures: 1, sentences: 1 }, // of which there are fewer: they come again and again
      parameterGroups: [{ match: 'encoders.audio', learningRate: 2e-3 }],
      augment: { audio: [specAugment({ timeWidth: 12, frequencyWidth: 8 })] },
    });
    return seconds;
  } finally {
    model.dispose();
  }
}
