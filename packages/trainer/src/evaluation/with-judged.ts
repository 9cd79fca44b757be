import type { Model } from '@polymodal/core';
import { CacheBudget, usualCacheBytes } from '../data/cache-budget';
import type { Dataset } from '../data/dataset';
import { JudgedSamples } from '../data/judged-samples';
import { startPreparer } from '../data/preparing/start-preparer';
import { progressBar } from '../progress';
import type { EvaluateOptions } from './evaluate-options';

/** Has something done with samples that are prepared for it, by as many threads as are asked for. */
export async function withJudged<Result>(
  model: Model,
  dataset: Dataset,
  { workers = 0, cacheBytes = usualCacheBytes, progress = true, signal }: EvaluateOptions,
  judge: (samples: JudgedSamples) => Promise<Result>,
): Promise<Result> {
  const preparer = await startPreparer(model, { workers, sources: new Map(), evaluate: dataset });
  try {
    const samples = await JudgedSamples.prepare(model, dataset, {
      preparer,
      cache: new CacheBudget(cacheBytes),
      name: 'samples',
      progress: progressBar(progress),
      signal,
    });
    return await judge(samples);
  } finally {
    await preparer.close();
  }
}
