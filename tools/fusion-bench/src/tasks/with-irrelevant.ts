import { RandomKey, type Sample } from '@polymodal/core';
import type { Task } from './task';

const columns = 8;

/** A task with one modality more, `extra`, that says nothing: eight normal numbers, which have nothing to do with the rest. */
export function withIrrelevant(task: Task): Task {
  const { name, encoders, condition, causalHost, labels, train, validation, test } = task;
  const key = RandomKey.from(0).fold('irrelevant').fold(name);
  const extended = (split: string, samples: readonly Sample[]) =>
    samples.map((sample, index): Sample => ({ ...sample, extra: [[...key.fold(split).fold(index).normal(columns)]] }));
  return {
    name: `${name}, irrelevant`,
    encoders: {
      ...encoders,
      extra: { use: 'rows', columns, numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0 },
    },
    condition,
    ...(causalHost !== undefined && { causalHost }),
    labels,
    train: extended('train', train),
    validation: extended('validation', validation),
    test: extended('test', test),
  };
}
