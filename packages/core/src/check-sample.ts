import { describeValue } from './describe-value';
import { SampleError } from './errors';
import type { HeadTargets } from './head-target';
import { isRecord } from './require-argument';
import { reservedSampleNames, type Sample, type Targets } from './sample';
import { unknownKeys } from './unknown-keys';

/**
 * Makes sure that a value is a sample whose every name means something.
 *
 * @param where how error messages call the sample
 * @throws SampleError
 */
export function checkSample(sample: unknown, modalities: readonly string[], where: string): asserts sample is Sample {
  if (!isRecord(sample)) {
    throw new SampleError({
      where,
      expected: `an object with at least one of ${modalities.join(', ')}`,
      received: describeValue(sample),
    });
  }
  const unknown = unknownKeys(sample, [...modalities, ...reservedSampleNames]);
  if (unknown) {
    const hint = `${unknown.hint} Whatever else belongs to a sample goes into its "meta".`;
    throw new SampleError({ where, expected: 'only modalities of the model', received: unknown.received, hint });
  }
  if (sample.targets !== undefined && !isRecord(sample.targets)) {
    throw new SampleError({
      where: `${where}, targets`,
      expected: 'an object of targets by name',
      received: describeValue(sample.targets),
    });
  }
}

/**
 * Makes sure that every target is one that a head reads.
 *
 * @throws SampleError
 */
export function checkTargetNames(targets: Targets | undefined, heads: HeadTargets, where: string): void {
  const known = new Set(Object.values(heads).map(({ name }) => name));
  const unknown = targets && unknownKeys(targets, [...known]);
  if (unknown)
    throw new SampleError({ where: `${where}, targets`, expected: 'only targets that a head reads', ...unknown });
}
