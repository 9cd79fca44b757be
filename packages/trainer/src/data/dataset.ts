import { ConfigError, describeValue, isRecord, type Sample } from '@polymodal/core';

/** Samples by index. They may be read on demand, as long as an index always gives the same sample. */
export interface Dataset {
  readonly length: number;
  get(index: number): Sample | Promise<Sample>;
  /**
   * For samples that are read many at a time, as rows of Parquet are, and too many to stay in memory: which lie together. An epoch then goes
   * through some blocks at a time, chosen at random, and takes their samples in random order, so that each block is read once.
   */
  readonly blocks?: SampleBlocks | undefined;
}

/** Samples that lie near one another where they are read from. */
export interface SampleBlocks {
  /** The number of the block that a sample lies in, from 0. */
  blockOf(index: number): number;
  /** So many blocks may be read from at a time, in any order, while each is read once. */
  readonly atOnce: number;
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
  requireBlocks(dataset, where);
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

function requireBlocks({ blocks }: Dataset, where: string): void {
  if (blocks === undefined) return;
  if (typeof blocks?.blockOf === 'function' && Number.isSafeInteger(blocks.atOnce) && blocks.atOnce > 0) return;
  throw new ConfigError({
    where: `${where}.blocks`,
    expected: 'an object with blockOf(index), and atOnce, a whole number above 0',
    received: isRecord(blocks) ? JSON.stringify(blocks) : describeValue(blocks),
  });
}

function isArray(samples: Samples): samples is readonly Sample[] {
  return Array.isArray(samples);
}
