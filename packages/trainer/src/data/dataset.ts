import { ConfigError, describeValue, type Sample } from '@polymodal/core';

/** Samples by index. They may be read on demand, as long as an index always gives the same sample. */
export interface Dataset {
  readonly length: number;
  get(index: number): Sample | Promise<Sample>;
}

/** Samples to train on or to evaluate with: a plain array, or a {@link Dataset} that reads on demand. */
export type Samples = readonly Sample[] | Dataset;

/**
 * Samples as a dataset.
 *
 * @param where how error messages call them
 * @throws ConfigError if there are none, or if the value holds no samples
 */
export function toDataset(samples: Samples, where: string): Dataset {
  const dataset = isArray(samples) ? { length: samples.length, get: (index: number) => samples[index] } : samples;
  if (typeof dataset?.get !== 'function' || !Number.isSafeInteger(dataset.length) || dataset.length < 0) {
    throw new ConfigError({
      where,
      expected: 'an array of samples, or an object with length and get(index)',
      received: describeValue(samples),
    });
  }
  if (dataset.length === 0) {
    throw new ConfigError({ where, expected: 'at least one sample', received: 'none' });
  }
  return dataset;
}

function isArray(samples: Samples): samples is readonly Sample[] {
  return Array.isArray(samples);
}
