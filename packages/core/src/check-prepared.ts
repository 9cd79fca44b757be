import { describeValue } from './describe-value';
import { SampleError } from './errors';
import { featuresFault } from './features-fault';
import type { PreparedSample, Processors } from './prepared-sample';
import { isRecord } from './require-argument';
import { unknownKeys } from './unknown-keys';

/**
 * Makes sure that a value is a sample that was prepared for the model with these processors.
 *
 * @param where how error messages call the sample
 * @throws SampleError
 */
export function checkPrepared(
  sample: unknown,
  processors: Processors,
  where: string,
): asserts sample is PreparedSample {
  const modalities = Object.keys(processors);
  const { lengths = {} } = isRecord(sample) ? sample : {};
  const areLengths = isRecord(lengths) && Object.values(lengths).every(isRecord);
  if (!isRecord(sample) || !isRecord(sample.features) || !isRecord(sample.targets) || !areLengths) {
    throw new SampleError({
      where,
      expected: 'a prepared sample, with features and targets, and lengths by modality if any',
      received: describeValue(sample),
      hint: 'Prepare samples first: await model.prepare(sample). What takes them as they are is model.predict([sample]).',
    });
  }
  const unknown = unknownKeys(sample.features, modalities);
  if (unknown) throw new SampleError({ where, expected: 'features of modalities of the model', ...unknown });
  const present = Object.entries(sample.features);
  if (present.length === 0) {
    throw new SampleError({ where, expected: `at least one of ${modalities.join(', ')}`, received: 'no modality' });
  }
  for (const [modality, features] of present) {
    const fault = featuresFault(features);
    if (!fault) continue;
    const { feature, ...said } = fault;
    throw new SampleError({ where: [where, modality, feature].filter(Boolean).join(', '), ...said });
  }
}

/** The same of several. @throws SampleError */
export function checkAllPrepared(
  samples: unknown,
  processors: Processors,
  caller: string,
): asserts samples is readonly PreparedSample[] {
  if (!Array.isArray(samples) || samples.length === 0) {
    throw new SampleError({
      where: caller,
      expected: 'a list of prepared samples, at least one',
      received: describeValue(samples),
      hint: `For one sample: ${caller}([await model.prepare(sample)]).`,
    });
  }
  // of a sparse array, the gaps too
  for (const [index, sample] of samples.entries()) checkPrepared(sample, processors, `${caller}, sample ${index}`);
}
