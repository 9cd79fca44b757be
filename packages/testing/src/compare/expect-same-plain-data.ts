import { describeValue } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';

/** Throws unless two values of plain data are equal, numbers up to a tolerance (relative for large ones). */
export function expectSamePlainData(claim: string, expected: unknown, received: unknown, tolerance: number): void {
  if (typeof expected === 'number' && typeof received === 'number') {
    const allowed = tolerance * Math.max(1, Math.abs(expected));
    if (Object.is(expected, received) || Math.abs(expected - received) <= allowed) return;
  } else if (isContainer(expected) && isContainer(received)) {
    const keys = Object.keys(expected);
    if (keys.length === Object.keys(received).length && keys.every((key) => key in received)) {
      for (const key of keys) expectSamePlainData(`${claim}.${key}`, expected[key], received[key], tolerance);
      return;
    }
  } else if (Object.is(expected, received)) return;
  throw new ConformanceError({ where: claim, expected: inWords(expected), received: inWords(received) });
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function inWords(value: unknown): string {
  return isContainer(value) ? `${describeValue(value)} with ${Object.keys(value).join(', ')}` : describeValue(value);
}
