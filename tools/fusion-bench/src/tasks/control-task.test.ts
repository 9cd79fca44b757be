import { describe, expect, it } from 'vitest';
import { bestAccuracy } from '../controls/control';
import { controls } from '../controls/controls';
import type { Rows } from '../rows/rows-processor';
import { controlTask } from './control-task';

describe.each(controls)('the task of $name', (control) => {
  const { train, test } = controlTask(control, 4000);

  it('lets a table of what was seen answer as well as is possible, and no better', () => {
    const heard = (sample: (typeof train)[number]) =>
      control.modalities.map((slot) => (sample[slot] as Rows)[0].indexOf(1)).join();
    const counts = new Map<string, Map<unknown, number>>();
    for (const sample of train) {
      const own = counts.get(heard(sample)) ?? new Map();
      own.set(sample.targets!.answer, (own.get(sample.targets!.answer) ?? 0) + 1);
      counts.set(heard(sample), own);
    }
    const right = test.filter((sample) => {
      const own = [...(counts.get(heard(sample)) ?? [])].sort(([, a], [, b]) => b - a);
      return own[0]?.[0] === sample.targets!.answer;
    });
    const best = bestAccuracy(control, control.modalities);
    const error = Math.sqrt((best * (1 - best)) / test.length);
    expect(Math.abs(right.length / test.length - best)).toBeLessThanOrEqual(4 * error);
  });
});
