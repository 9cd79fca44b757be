import type { Features } from '../features';
import { FeaturePool } from './feature-pool';

/**
 * Which rows have equal features, to the byte: of each row the number of its value, 0 for that of the first row, 1 for the next that
 * is another, and so on.
 */
export function distinctRows(rows: readonly Features[]): Int32Array {
  const pool = new FeaturePool();
  const numbers = new Map<Features, number>();
  return Int32Array.from(rows, (row) => {
    const value = pool.first(row);
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
}
