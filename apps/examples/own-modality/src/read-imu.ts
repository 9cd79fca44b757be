import { describeValue, SampleError } from '@polymodal/core';

/** What a sample holds: T readings of C channels, one array for each reading or all in one, and how many come a second. */
export interface RawImu {
  readonly readings: readonly (readonly number[])[] | Float32Array;
  /** Hz */
  readonly rate: number;
}

/** Readings that were checked. */
export interface ImuReadings {
  /** T · C values, reading by reading. */
  readonly values: Float32Array;
  /** Hz */
  readonly rate: number;
}

/** Checks a raw value. @throws SampleError that says what was expected, what came, and what to do */
export function readImu(raw: unknown, channels: number): ImuReadings {
  const { readings, rate } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  if (!Array.isArray(readings) && !(readings instanceof Float32Array)) {
    throw new SampleError({
      expected: '{ readings: number[][] or Float32Array, rate }',
      received: readings === undefined ? describeValue(raw) : `readings: ${describeValue(readings)}`,
    });
  }
  if (typeof rate !== 'number' || !(rate > 0) || rate === Number.POSITIVE_INFINITY) {
    throw new SampleError({ expected: 'a rate in Hz, above 0', received: describeValue(rate) });
  }
  const values = readings instanceof Float32Array ? readings : joined(readings, channels);
  if (values.length === 0 || values.length % channels !== 0) {
    throw new SampleError({
      expected: `at least one reading of ${channels} channels`,
      received: `${values.length} values`,
      hint: 'Leave the modality out where nothing was measured. The option "channels" says how many there are.',
    });
  }
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new SampleError({
      expected: 'finite readings',
      received: `${values[index]} in reading ${Math.floor(index / channels)}`,
      hint: 'Fill gaps of the sensor before, or cut the recording there.',
    });
  }
  return { values, rate };
}

function joined(readings: readonly unknown[], channels: number): Float32Array {
  const values = new Float32Array(readings.length * channels);
  readings.forEach((reading, index) => {
    if (!Array.isArray(reading) || reading.length !== channels || reading.some((value) => typeof value !== 'number')) {
      throw new SampleError({
        expected: `${channels} numbers in each reading`,
        received: `${describeValue(reading)} as reading ${index}`,
      });
    }
    values.set(reading, index * channels);
  });
  return values;
}
