import { ConfigError, describeValue, isRecord, type Sample } from '@polymodal/core';

/** Samples by index. They may be read on demand, as long as an index always gives the same sample. */
export interface Dataset {
  readonly length: number;
  get(index: number): Sample | Promise<Sample>;
}

/**
 * A training knows the shape of every sample, and looks at each before its first step: what a length far beyond this says is a
 * mistake, and would be found out in days.
 */
const mostSamples = 2 ** 24;

/** Samples to train on or to evaluate with: a plain array, or a {@link Dataset} that reads on demand. */
export type Samples = readonly Sample[] | Dataset;

/**
 * Samples as a dataset.
 *
 * @param where how error messages call them
 * @param hint  what to do with an object that is none
 * @throws ConfigError if there are none, more than 2²⁴, or if the value holds no samples
 */
export function toDataset(samples: Samples, where: string, hint = 'For one sample: [sample].'): Dataset {
  const dataset = isArray(samples) ? { length: samples.length, get: (index: number) => samples[index] } : samples;
  if (typeof dataset?.get !== 'function' || !Number.isSafeInteger(dataset.length) || dataset.length < 0) {
    throw new ConfigError({
      where,
      expected: 'an array of samples, or an object with length and get(index)',
      received: describeValue(samples),
      ...(isRecord(samples) && { hint }),
    });
  }
  if (dataset.length === 0) {
    throw new ConfigError({ where, expected: 'at least one sample', received: 'none' });
  }
  if (dataset.length > mostSamples) {
    throw new ConfigError({
      where: `${where}.length`,
      expected: `at most ${mostSamples} samples, each of which is looked at before the first step`,
      received: String(dataset.length),
      hint: 'Give a part of them, another one for each training.',
    });
  }
  return dataset;
}

function isArray(samples: Samples): samples is readonly Sample[] {
  return Array.isArray(samples);
}
