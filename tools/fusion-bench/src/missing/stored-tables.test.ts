import { readMissingTable } from '@polymodal/data';
import { describe, expect, it } from 'vitest';
import { tablePath } from './stored-tables';

describe.each(['digits', 'sort-of-clevr'] as const)('the table of %s', (task) => {
  it('is as it was drawn, and takes one modality from 70 % of the samples', async () => {
    const { missing, slots: own } = await readMissingTable(tablePath(task));
    expect(missing.filter((place) => place >= 0).length / missing.length).toBeCloseTo(0.7, 12);
    for (let place = 0; place < own.length; place++) {
      const share = missing.filter((one) => one === place).length / missing.length;
      expect(Math.abs(share - 0.7 / own.length)).toBeLessThan(1 / missing.length);
    }
  });
});
