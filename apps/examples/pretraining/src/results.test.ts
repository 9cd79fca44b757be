import { describe, expect, it } from 'vitest';
import { labelCounts } from './options';
import { compare, comparisonTable, type Tuning } from './results';

const tuned = (labels: number, start: Tuning['start'], seed: number, accuracy: number): Tuning => ({
  ...{ labels, start, seed },
  accuracies: { image: { accuracy, interval: { low: accuracy - 0.1, high: accuracy + 0.1 } } },
});

describe('the comparison of starts', () => {
  it('has means over seeds, and the least and largest, by number of labels', () => {
    const tunings = [
      ...[tuned(1000, 'scratch', 0, 0.8), tuned(1000, 'pretrained', 0, 0.9)],
      ...[tuned(100, 'scratch', 0, 0.3), tuned(100, 'scratch', 1, 0.5)],
      ...[tuned(100, 'pretrained', 0, 0.7), tuned(100, 'pretrained', 1, 0.8)],
      tuned(10, 'scratch', 0, 0.1), // of which the other start is not there yet
    ];
    const [few, many, ...others] = compare(tunings);
    expect(others).toEqual([]);
    expect([few.labels, many.labels]).toEqual([100, 1000]);
    expect(few.scratch.mean).toBeCloseTo(0.4, 10);
    expect(few.pretrained).toMatchObject({ least: 0.7, most: 0.8 });
    expect(comparisonTable([few, many])).toContain('75.0 % (70.0 % – 80.0 %)');
  });

  it('is made for as many labels as there are digits', () => {
    expect(labelCounts({ digits: 6000 })).toEqual([100, 1000, 6000]);
    expect(labelCounts({ digits: 1000 })).toEqual([100, 1000]);
    expect(labelCounts({ digits: 200 })).toEqual([100, 200]);
  });
});
