import { join } from 'node:path';
import type { Model } from '@polymodal/core';
import { evaluateSubsets, type Interval, startFrom, train } from '@polymodal/trainer';
import type { PretrainingData } from './pretraining-data';
import { ofCaptions, pretrainingModel } from './pretraining-model';

/** Right answers on the test samples, by what a model is shown of them. */
export interface Accuracies {
  readonly [subset: string]: { readonly accuracy: number; readonly interval: Interval };
}

/** No label is learned from. */
const unlabelled = { digit: 0 } as const;

/**
 * Pre-training in two stages: pictures and captions first, of digits and of scenes; then speech comes in. In each, modalities are aligned
 * (contrastive) and captions written.
 *
 * @returns whether it came to its end
 */
export async function pretrain(
  { pairs, scenes }: PretrainingData,
  { directory, seed, steps, signal }: { directory: string; seed: number; steps: number; signal: AbortSignal },
): Promise<boolean> {
  const model = pretrainingModel(seed);
  try {
    const { status } = await train(model, {
      ...{ directory, seed, signal, batchSize: 64, learningRate: 1e-3, weightDecay: 0.05, watchModalities: true },
      lossWeights: unlabelled,
      stages: [
        {
          name: 'pictures and captions',
          activate: ['image', 'text'],
          data: { pairs, scenes },
          ratios: { pairs: 1, scenes: 1 },
          steps,
        },
        { name: 'speech too', data: { pairs, scenes }, ratios: { pairs: 3, scenes: 1 }, steps, keepMoments: true },
      ],
    });
    return status === 'finished';
  } finally {
    model.dispose();
  }
}

/**
 * Learns to name digits that are seen and heard, from so many labels, for the same steps from either start.
 *
 * @param from the run whose weights it starts from; none, from scratch
 * @returns `undefined` where the signal stopped it
 */
export async function tune(
  data: PretrainingData,
  options: { labels: number; from: string | undefined; seed: number; steps: number; signal: AbortSignal },
): Promise<Accuracies | undefined> {
  const { labels, from, seed, steps, signal } = options;
  const model = pretrainingModel(seed);
  try {
    if (from !== undefined) await startFrom(model, from);
    const { status } = await train(model, {
      ...{ data: data.labelled(labels), seed, signal, steps, progress: false },
      ...{ batchSize: 64, learningRate: 1e-3, weightDecay: 0.05, modalityDropout: 0.3 },
      freeze: ofCaptions,
      lossWeights: { match: 0, caption: 0 },
    });
    return status === 'finished' ? await accuracies(model, data, signal) : undefined;
  } finally {
    model.dispose();
  }
}

async function accuracies(model: Model, { test }: PretrainingData, signal: AbortSignal): Promise<Accuracies> {
  const subsets = [['image'], ['audio'], ['image', 'audio']];
  const figures = await evaluateSubsets(model, test, { subsets, signal, progress: false, resamples: 0 });
  return Object.fromEntries(
    Object.entries(figures).map(([subset, { digit }]) => [
      subset,
      { accuracy: digit.metrics.accuracy, interval: digit.intervals.accuracy },
    ]),
  );
}

/** Where the pre-training of a seed stands. */
export function pretrainingFolder(directory: string, seed: number): string {
  return join(directory, `pretrained-${seed}`);
}
