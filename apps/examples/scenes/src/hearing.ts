import type { Sample } from '@polymodal/core';
import { specAugment } from '@polymodal/encoder-audio/augment';
import { startFrom, train } from '@polymodal/trainer';
import type { SceneSample } from './data/scene-sample';
import { readingOf } from './perception';
import { type ModelSetup, questionModel } from './scenes-model';

/** How an encoder of spoken questions learns. */
export interface HearingRun {
  readonly setup: ModelSetup;
  readonly epochs: number;
  readonly directory: string;
}

/**
 * Trains the encoder of spoken questions by itself, once for all methods of a seed: what they ask about what has to be heard, whoever speaks.
 * What is finished or half done is gone on with.
 */
export async function learnToHear(
  run: HearingRun,
  utterances: readonly SceneSample[],
  signal: AbortSignal,
): Promise<void> {
  const model = questionModel({ ...run.setup, spoken: true }, false);
  try {
    const data = utterances.map(({ audio, source }) => ({ text: audio, targets: readingOf(source) }));
    await train(model, { ...optionsOf(run, signal), data });
    signal.throwIfAborted();
  } finally {
    model.dispose();
  }
}

/**
 * Has an encoder that hears make of a spoken question the vector that the encoder of a trained model makes of the same one in writing, so
 * that it can take its place where nothing else of a question is read. No pictures are needed for it.
 *
 * @param hearing run of the encoder that hears
 * @param trained run of the model
 */
export async function learnMeanings(
  run: HearingRun,
  { hearing, trained }: { readonly hearing: string; readonly trained: string },
  utterances: readonly SceneSample[],
  signal: AbortSignal,
): Promise<void> {
  const meanings = await meaningsOf(run.setup, trained, utterances);
  const model = questionModel({ ...run.setup, spoken: true }, true);
  try {
    await startFrom(model, hearing);
    const data = utterances.map(({ audio, source }, index) => ({
      text: audio,
      targets: { ...readingOf(source), meaning: meanings[index] },
    }));
    await train(model, { ...optionsOf(run, signal), data });
    signal.throwIfAborted();
  } finally {
    model.dispose();
  }
}

/** Of each question, the vector that the encoder of a trained model makes of it in writing. */
async function meaningsOf(
  setup: ModelSetup,
  trained: string,
  questions: readonly SceneSample[],
): Promise<Float32Array[]> {
  const model = questionModel(setup, true);
  try {
    const others = ['fusion', 'heads'];
    await startFrom(model, trained, { mayBeNew: others, mayBeLeft: ['encoders.image', ...others] });
    const written = questions.map(({ text }): Sample => ({ text }));
    const answers = await model.predict(written, { heads: ['meaning'], batchSize: 256 });
    return answers.map(({ meaning }) => meaning as Float32Array);
  } finally {
    model.dispose();
  }
}

/** Every recording once, with the sample that it was first heard in. */
export function utterancesOf(samples: readonly SceneSample[]): SceneSample[] {
  const heard = new Map<Float32Array, SceneSample>();
  for (const sample of samples) {
    if (sample.audio && !heard.has(sample.audio.samples)) heard.set(sample.audio.samples, sample);
  }
  return [...heard.values()];
}

function optionsOf({ setup, epochs, directory }: HearingRun, signal: AbortSignal) {
  const augment = { text: [parts] };
  return { augment, epochs, batchSize: 32, learningRate: 2e-3, seed: setup.seed, directory, signal };
}

/** A fifth of the bands and up to a quarter of a second are not heard, twice each, so that a question is known by more than one of its sounds. */
const parts = specAugment({ frequencyMasks: 2, frequencyWidth: 8, timeMasks: 2, timeWidth: 16 });
