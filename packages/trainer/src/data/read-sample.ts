import { describeValue, PolymodalError, type Sample, SampleError } from '@polymodal/core';
import type { Dataset } from './dataset';

/**
 * A sample of a dataset.
 *
 * @param where how error messages call the sample
 * @throws SampleError for what is no sample, and for whatever the dataset throws, which is its cause
 */
export async function readSample(dataset: Dataset, index: number, where: string): Promise<Sample> {
  let sample: Sample;
  try {
    sample = await dataset.get(index);
  } catch (error) {
    throw isInterruption(error) ? error : unreadable(error, where);
  }
  return requireSample(sample, where);
}

/** @throws SampleError for what is no object, a gap in an array of samples for instance */
export function requireSample(sample: Sample, where: string): Sample {
  if (typeof sample === 'object' && sample !== null && !Array.isArray(sample)) return sample;
  throw new SampleError({
    where,
    expected: 'an object with a value for each modality that is there',
    received: describeValue(sample),
  });
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function unreadable(error: unknown, where: string): PolymodalError {
  if (PolymodalError.isInstance(error)) return error.at(where);
  const received = error instanceof Error ? `"${error.message.slice(0, 200)}" (${error.name})` : describeValue(error);
  return new SampleError({ where, expected: 'a sample from the data set', received, cause: error });
}
