import type { Model, Prediction, PreparedSample } from '@polymodal/core';
import { CacheBudget } from '../data/cache-budget';
import { Coverage, warnOfGaps } from '../data/coverage';
import type { Dataset } from '../data/dataset';
import { FeatureStore } from '../data/feature-store';
import { SamplePreparer } from '../data/preparing/sample-preparer';
import { progressBar } from '../progress';
import type { EvaluateOptions } from './evaluate-options';
import { planBatches } from './plan-batches';

/** Samples with their targets as features, all in memory. A head that none has a target for is told as a warning. */
export async function prepareAll(
  model: Model,
  samples: Dataset,
  options: Pick<EvaluateOptions, 'progress' | 'signal'>,
): Promise<PreparedSample[]> {
  const coverage = new Coverage(model);
  const store = await FeatureStore.prepare(model, samples, {
    preparer: SamplePreparer.of(model),
    cache: new CacheBudget(Number.POSITIVE_INFINITY),
    name: 'samples',
    progress: progressBar(options.progress ?? true),
    signal: options.signal,
    onPrepared: (sample) => coverage.add(sample),
  });
  warnOfGaps(model, { slots: [], heads: coverage.gaps.heads }, 'samples');
  return store.all();
}

/** What a model answers to prepared samples, in their order. */
export async function answerPrepared(
  model: Model,
  samples: readonly PreparedSample[],
  { batchSize = 64, signal }: Pick<EvaluateOptions, 'batchSize' | 'signal'>,
): Promise<Prediction[]> {
  const planned = planBatches(model.processors, samples, batchSize);
  const answers = await model.predictPrepared(
    planned.map(({ sample }) => sample),
    {
      batchSize,
      compile: false, // between epochs the weights change before it pays
      ...(signal && { signal }),
    },
  );
  const predictions = new Array<Prediction>(samples.length);
  planned.forEach(({ index }, position) => {
    predictions[index] = answers[position];
  });
  return predictions;
}
