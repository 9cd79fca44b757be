import type { Model, PreparedSample, RandomKey } from '@polymodal/core';
import { nothingToLearn } from '../errors/nothing-to-learn';
import type { ProgressBar } from '../progress';
import type { ParsedTrainOptions } from '../train-options';
import { Coverage, warnOfGaps } from './coverage';
import { DataFingerprint } from './data-fingerprint';
import { toDataset } from './dataset';
import { FeatureStore } from './feature-store';
import { fitProcessors } from './fit-processors';

/** What a training learns from and is measured by. */
export interface TrainingData {
  readonly store: FeatureStore;
  readonly evaluation: readonly PreparedSample[] | undefined;
  /** Of both, for a run in a folder. */
  readonly fingerprints: DataFingerprints;
}

/** What a run knows its data by. */
export interface DataFingerprints {
  readonly data: DataFingerprint;
  readonly evaluate?: DataFingerprint | undefined;
}

/**
 * Lets processors learn from the data that have to, prepares and checks every sample, and says what of the model occurs in none.
 *
 * @param key of all randomness in preparing
 * @throws ConfigError where no head has anything to learn from
 */
export async function prepareData(
  model: Model,
  { data: samples, evaluate, augment, cacheBytes, signal, settings, directory }: ParsedTrainOptions,
  key: RandomKey,
  progress: ProgressBar,
): Promise<TrainingData> {
  const data = toDataset(samples, 'train.data');
  const test = evaluate === undefined ? undefined : toDataset(evaluate, 'train.evaluate');
  const isKnownAgain = directory !== undefined; // else nobody asks whether the data are the same
  const fingerprints = { data: new DataFingerprint(data.length), evaluate: test && new DataFingerprint(test.length) };

  await fitProcessors(model, data, { name: 'data', progress, signal });
  const coverage = new Coverage(model);
  const store = await FeatureStore.prepare(model, data, {
    key,
    ...(augment && { augment }),
    cacheBytes,
    name: 'data',
    progress,
    signal,
    onPrepared(sample, targets) {
      coverage.add(sample);
      if (isKnownAgain) fingerprints.data.add(sample, targets);
    },
  });
  const learning = (head: string) => settings.lossWeights[head] !== 0;
  const heads = coverage.gaps.heads.filter(learning);
  if (heads.length === Object.keys(model.heads).filter(learning).length) throw nothingToLearn(model);
  warnOfGaps(model, { ...coverage.gaps, heads }, 'data');

  if (!test) return { store, evaluation: undefined, fingerprints };
  const tested = new Coverage(model);
  const testStore = await FeatureStore.prepare(model, test, {
    cacheBytes: Number.POSITIVE_INFINITY,
    name: 'evaluate',
    progress,
    signal,
    onPrepared(sample, targets) {
      tested.add(sample);
      if (isKnownAgain) fingerprints.evaluate?.add(sample, targets);
    },
  });
  warnOfGaps(model, { slots: [], heads: tested.gaps.heads }, 'evaluate');
  return { store, evaluation: await testStore.all(), fingerprints };
}
