import {
  asSampleError,
  describeValue,
  PolymodalError,
  type RandomKey,
  type Sample,
  SampleError,
} from '@polymodal/core';
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
    throw PolymodalError.isInstance(error)
      ? error.at(error.where === undefined ? where : `${where}, ${error.where}`)
      : asSampleError(error, where, 'a sample from the data set');
  }
  return requireSample(sample, where);
}

/**
 * A sample, changed at random.
 *
 * @param where how error messages call the sample
 * @throws SampleError for whatever `augment` throws, which is its cause, and if it gives no sample
 */
export async function augmented(
  sample: Sample,
  augment: (sample: Sample, key: RandomKey) => Sample | Promise<Sample>,
  key: RandomKey,
  where: string,
): Promise<Sample> {
  const place = `${where}, augmented`;
  try {
    return requireSample(await augment(sample, key), place);
  } catch (error) {
    throw asSampleError(error, place, 'what augment makes of it');
  }
}

/** @throws SampleError for what is no object, a gap in an array of samples for instance */
function requireSample(sample: Sample, where: string): Sample {
  if (typeof sample === 'object' && sample !== null && !Array.isArray(sample)) return sample;
  throw new SampleError({
    where,
    expected: 'an object with a value for each modality that is there',
    received: describeValue(sample),
  });
}
