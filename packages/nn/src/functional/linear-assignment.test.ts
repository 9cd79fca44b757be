import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import cases from '../../fixtures/linear-assignment.json' with { type: 'json' };
import { describeOnEveryBackend } from '../testing/every-backend';
import { seededTensor } from '../testing/seeded-tensor';
import { linearAssignment } from './linear-assignment';

function assigned(costs: readonly (readonly number[])[]): number[] {
  const [rows, columns] = [costs.length, costs[0].length];
  const given = tf.tensor3d(costs.flat(), [1, rows, columns]);
  return [...linearAssignment(given, tf.ones([1, rows])).dataSync()];
}

const total = (costs: readonly (readonly number[])[], columns: readonly number[]) =>
  columns.reduce((sum, column, row) => sum + costs[row][column], 0);

/** The least costs of all ways that there are. */
function least(costs: readonly (readonly number[])[], taken: readonly number[] = []): number {
  if (taken.length === costs.length) return total(costs, taken);
  const free = costs[0].map((_, column) => column).filter((column) => !taken.includes(column));
  return Math.min(...free.map((column) => least(costs, [...taken, column])));
}

describeOnEveryBackend('linearAssignment', () => {
  it.each(cases)('is what SciPy finds, case %#', ({ costs, assigned: expected }) => {
    expect(assigned(costs)).toEqual(expected);
  });

  it('costs the least of all ways that there are, with equal costs too', () => {
    for (let seed = 0; seed < 30; seed++) {
      const [rows, columns] = [1 + (seed % 4), 4 + (seed % 2)];
      const values = seededTensor([rows, columns], seed).dataSync();
      const costs = Array.from({ length: rows }, (_, row) =>
        Array.from(values.subarray(row * columns, (row + 1) * columns), (value) => Math.round(2 * value)),
      );
      const found = assigned(costs);
      expect(new Set(found).size).toBe(rows);
      expect(total(costs, found)).toBe(least(costs));
    }
  });

  it('passes over rows that take no part, whatever stands there', () => {
    const costs = tf.tensor3d(
      [5, 1, 9, Number.NaN, Number.NaN, Number.NaN, 1, 2, 9, 3, 2, 1, 0, 0, 0, 0, 0, 0],
      [2, 3, 3],
    );
    const mask = tf.tensor2d([1, 0, 1, 1, 0, 0], [2, 3]);
    expect([...linearAssignment(costs, mask).dataSync()]).toEqual([1, -1, 0, 2, -1, -1]);
  });

  it('takes a pair whose cost is no number where there is no other', () => {
    expect(
      assigned([
        [Number.NaN, 1, Number.POSITIVE_INFINITY],
        [Number.NaN, 0, 7],
      ]),
    ).toEqual([1, 2]);
    expect(() => linearAssignment(tf.zeros([1, 3, 2]), tf.ones([1, 3]))).toThrow('no more rows than columns');
  });
});
