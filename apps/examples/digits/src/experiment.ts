import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';
import { evaluateSubsets, type SubsetFigures, train } from '@polymodal/trainer';
import type { DigitsData, SampleList } from './data';
import { digitsModel, type FusionName } from './digits-model';
import type { Figures } from './figures';
import { measureContradiction } from './measure-contradiction';
import { toDataset } from './samples';

/** One training: a fusion and a seed, in a folder of its own. */
export interface Experiment {
  readonly fusion: FusionName;
  readonly seed: number;
  readonly epochs: number;
  readonly directory: string;
}

/**
 * Trains one model and measures it on the test data. What is finished already is read back from the folder, what is
 * half done is resumed.
 *
 * @returns `undefined` if the signal stopped it
 */
export async function runExperiment(
  experiment: Experiment,
  data: DigitsData,
  signal: AbortSignal,
): Promise<Figures | undefined> {
  const { fusion, seed, epochs, directory } = experiment;
  const finished = await readFigures(directory);
  if (finished) return finished;

  const model = digitsModel(fusion, seed);
  try {
    const result = await train(model, {
      data: toDataset(data.train),
      evaluate: toDataset(data.validation),
      epochs,
      batchSize: 64,
      learningRate: 1.5e-3,
      weightDecay: 0.05,
      modalityDropout: 0.4,
      seed,
      directory,
      signal,
    });
    if (result.status === 'interrupted') return undefined;
    const figures = { ...(await measure(model, data.test, signal)), epochs: result.epochs, seconds: result.seconds };
    await replaceFile(figuresPath(directory), JSON.stringify(figures, null, 2));
    return figures;
  } finally {
    model.dispose();
  }
}

async function measure(model: Model, test: SampleList, signal: AbortSignal) {
  const subsets = await evaluateSubsets(model, toDataset(test), { signal });
  return {
    accuracy: Object.fromEntries(
      Object.entries(subsets).map(([subset, figures]) => [subset, figures.digit.metrics.accuracy]),
    ),
    retrieval: retrieval(subsets),
    contradiction: await measureContradiction(model, test),
  };
}

/** Embeddings come from one modality each, so the samples with all three give every direction. */
function retrieval(subsets: SubsetFigures): Record<string, number> {
  const { metrics } = subsets['image+audio+text'].match;
  const directions = Object.entries(metrics).filter(([name]) => name.endsWith(' R@1'));
  return Object.fromEntries(directions.map(([name, recall]) => [name.replace(' R@1', ''), recall]));
}

function figuresPath(directory: string): string {
  return join(directory, 'figures.json');
}

async function readFigures(directory: string): Promise<Figures | undefined> {
  const text = await readFile(figuresPath(directory), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
