import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, type Model, RandomKey } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { evaluateSubsets, type SubsetFigures, train } from '@polymodal/trainer';
import { answersOf } from './answers';
import { type DigitsData, partlyContradictory, type SampleList } from './data';
import { type Contender, digitsModel, taughtToDoubt } from './digits-model';
import type { Figures } from './figures';
import { measureContradiction } from './measure-contradiction';
import { toDataset } from './samples';

/** One training: what is trained and a seed, in a folder of its own. */
export interface Experiment {
  readonly contender: Contender;
  readonly seed: number;
  readonly epochs: number;
  readonly directory: string;
}

/** What `figures.json` holds: the figures, and what they are of. */
interface SavedFigures {
  readonly of: { readonly epochs: number; readonly samples: number; readonly recipe: string };
  readonly figures: Figures;
}

/**
 * Trains one model and measures it on the test data. What is finished already is read back from the folder, what is
 * half done is resumed.
 *
 * @returns `undefined` if the signal stopped it
 * @throws ConfigError where the folder holds the figures of another training
 */
export async function runExperiment(
  experiment: Experiment,
  data: DigitsData,
  signal: AbortSignal,
): Promise<Figures | undefined> {
  const { contender, seed, epochs, directory } = experiment;
  const of = { epochs, samples: data.train.length, recipe: data.recipe };
  const finished = await readFigures(directory, of);
  if (finished) return finished;

  const model = digitsModel(contender, seed);
  const outdated = outdatedPath(directory);
  try {
    const result = await train(model, {
      data: toDataset(trainingSamples(contender, data.train), model.modalities),
      evaluate: toDataset(data.validation, model.modalities),
      epochs,
      batchSize: 64,
      learningRate: 1.5e-3,
      weightDecay: 0.05,
      modalityDropout: contender === 'masked-transformer' || contender === taughtToDoubt ? 0.05 : 0.4,
      seed,
      directory,
      resume: !existsSync(outdated),
      signal,
      onEpoch: () => rm(outdated, { force: true }),
    });
    await rm(outdated, { force: true });
    if (result.status === 'interrupted') return undefined;
    const measured = await measure(model, data.test, signal);
    const figures = { ...measured, epochs: result.epochs, seconds: result.seconds };
    await replaceFile(figuresPath(directory), `${JSON.stringify({ of, figures } satisfies SavedFigures, null, 2)}\n`);
    return figures;
  } finally {
    model.dispose();
  }
}

/** Lets the next start train anew what is finished. Nothing is lost before that, and nothing else in the folder is touched. */
export async function outdate({ directory }: Experiment): Promise<void> {
  if (existsSync(figuresPath(directory))) await rename(figuresPath(directory), outdatedPath(directory));
}

/** A fifth of them contradict themselves for the contender that learns to doubt. Other pictures than the test's do. */
function trainingSamples(contender: Contender, samples: SampleList): SampleList {
  if (contender !== taughtToDoubt) return samples;
  return partlyContradictory(samples, 0.2, RandomKey.from(0).fold('training contradictions'));
}

async function measure(model: Model, test: SampleList, signal: AbortSignal) {
  const subsets = await evaluateSubsets(model, toDataset(test, model.modalities), { signal });
  const contradiction = model.modalities.length > 1 ? await measureContradiction(answersOf(model), test) : {};
  return {
    accuracy: Object.fromEntries(
      Object.entries(subsets).map(([subset, figures]) => [subset, figures.digit.metrics.accuracy]),
    ),
    retrieval: retrieval(subsets),
    contradiction,
  };
}

/** Embeddings come from one modality each, so the samples with all three give every direction. */
function retrieval(subsets: SubsetFigures): Record<string, number> {
  const metrics = subsets['image+audio+text']?.match?.metrics ?? {};
  const directions = Object.entries(metrics).filter(([name]) => name.endsWith(' R@1'));
  return Object.fromEntries(directions.map(([name, recall]) => [name.replace(' R@1', ''), recall]));
}

function figuresPath(directory: string): string {
  return join(directory, 'figures.json');
}

function outdatedPath(directory: string): string {
  return join(directory, 'figures.outdated.json');
}

async function readFigures(directory: string, of: SavedFigures['of']): Promise<Figures | undefined> {
  const path = figuresPath(directory);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const saved: SavedFigures = JSON.parse(text);
  if (JSON.stringify(saved.of) === JSON.stringify(of)) return saved.figures;
  throw new ConfigError({
    where: path,
    expected: `figures of ${describe(of)}`,
    received: `those of ${describe(saved.of)}`,
    hint: 'Go on with the options of the start that was interrupted, or give another --directory.',
  });
}

function describe({ epochs, samples, recipe }: SavedFigures['of']): string {
  return `${epochs} epochs over ${samples} samples of the data ${recipe}`;
}
