import { describeValue, SampleError } from '@polymodal/core';

/** What a sample holds: T readings, one after the other, of C numbers each. */
export type RawOwnPart = readonly (readonly number[])[];

/**
 * Checks a raw value.
 *
 * @returns T · C numbers, reading by reading
 * @throws SampleError that says what was expected, what came, and what to do
 */
export function readOwnPart(raw: unknown, channels: number): Float32Array {
  if (!Array.isArray(raw) || raw.length === 0) {
    throw new SampleError({
      expected: `an array of readings, ${channels} numbers each`,
      received: describeValue(raw),
      hint: 'Leave the modality out of a sample where nothing was measured.',
    });
  }
  const values = new Float32Array(raw.length * channels);
  for (const [index, reading] of raw.entries()) {
    // Beyond the range of 32 bits a number would become infinite.
    if (!Array.isArray(reading) || reading.length !== channels || !reading.every(isFloat32)) {
      throw new SampleError({
        expected: `${channels} finite numbers in each reading`,
        received: `${describeValue(reading)} as reading ${index}`,
        hint: 'The option "channels" says how many there are.',
      });
    }
    values.set(reading, index * channels);
  }
  return values;
}

function isFloat32(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}
