import { ConformanceError } from '../conformance-error';
import type { Values } from './read-tensors';

/**
 * Throws unless two results have the same names, shapes and values.
 *
 * @param claim what is claimed to be equal, in words
 * @param tolerance largest absolute difference; 0 asks for equal bits, except that 0 equals −0 and every NaN every NaN
 * @throws ConformanceError naming the first element that differs most
 */
export function expectSameValues(claim: string, expected: Values, received: Values, tolerance: number): void {
  expectSameNames(claim, Object.keys(expected), Object.keys(received));
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const other = received[name];
    if (String(shape) !== String(other.shape)) {
      fail(claim, name, `shape [${shape}]`, `[${other.shape}]`);
    }
    const { index, difference } = largestDifference(data, other.data);
    if (difference > tolerance) {
      const within = tolerance === 0 ? ' to the bit' : ` within ${tolerance}`;
      fail(claim, `${name}[${index}]`, `${data[index]}${within}`, `${other.data[index]} (off by ${difference})`);
    }
  }
}

function expectSameNames(claim: string, expected: readonly string[], received: readonly string[]): void {
  const [want, got] = [[...expected].sort().join(', '), [...received].sort().join(', ')];
  if (want !== got) fail(claim, 'names', want || 'none', got || 'none');
}

function fail(claim: string, place: string, expected: string, received: string): never {
  throw new ConformanceError({ where: `${claim}: ${place}`, expected, received });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): { index: number; difference: number } {
  let index = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    const distance = Math.abs(a[i] - b[i]);
    const counted = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance; // a NaN or ∞ without its like
    if (counted > difference) [index, difference] = [i, counted];
  }
  return { index, difference };
}
