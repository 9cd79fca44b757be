import { ConfigError, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { PackedSampler, type PackedSamplerOptions } from './packed-sampler';

const key = RandomKey.from(3);
const sizes = Array.from({ length: 200 }, (_, index) => ({
  text: 5 + 6 * (index % 7),
  ...(index % 3 === 0 && { image: 1 + (index % 2) }),
  'targets.answer': 2 + (index % 5),
}));
const shapes = sizes.map(({ text, image, ...targets }) => ({
  text: { lengths: { tokens: Math.ceil(text / 16) * 16 } },
  ...(image && { image: { fixed: [8, 8], lengths: { values: image } } }),
  'targets.answer': { lengths: { tokens: targets['targets.answer'] } },
}));

const sampler = (options: Partial<PackedSamplerOptions> = {}) =>
  new PackedSampler(shapes, sizes, {
    batchSize: 4,
    packing: true,
    host: 'text',
    mostValues: { image: 8 },
    key,
    where: 'train.packing',
    ...options,
  });

/** The samples of each row of an epoch. */
const rowsOf = (own: PackedSampler, epoch: number) =>
  own.epoch(epoch).flatMap(({ indices, rowSizes }) => {
    const rest = [...indices];
    return rowSizes!.map((size) => rest.splice(0, size));
  });

describe('PackedSampler', () => {
  it('has every sample once an epoch, in as many batches, and other company each time', () => {
    const own = sampler({ packing: { tokens: 128 } });
    for (const epoch of [0, 1, 7]) {
      expect(own.epoch(epoch)).toHaveLength(own.batchesPerEpoch);
      expect(
        rowsOf(own, epoch)
          .flat()
          .sort((a, b) => a - b),
      ).toEqual([...sizes.keys()]);
    }
    const company = (epoch: number) => rowsOf(own, epoch).map((row) => [...row].sort((a, b) => a - b).join());
    expect(company(1).filter((row) => company(0).includes(row)).length).toBeLessThan(company(0).length / 2);
    expect(sampler({ packing: { tokens: 128 } }).epoch(5)).toEqual(own.epoch(5));
  });

  it.each([true, { tokens: 128 }] as const)('fills rows, beyond none of their lengths: %j', (packing) => {
    const own = sampler({ packing });
    const most = packing === true ? 41 : 128;
    const { text, image } = own.lengths(own.epoch(0)[0]!, shapes.slice(0, 1)) as Record<string, Record<string, number>>;
    expect(text!.tokens).toBe(Math.ceil(most / 16) * 16);
    for (const row of rowsOf(own, 2)) {
      const total = (part: 'text' | 'image') => row.reduce((sum, index) => sum + (sizes[index]![part] ?? 0), 0);
      expect(total('text')).toBeLessThanOrEqual(most);
      expect(total('image')).toBeLessThanOrEqual(image!.values!);
    }
    const filled = sizes.reduce((sum, size) => sum + size.text, 0) / (rowsOf(own, 0).length * most);
    expect(filled).toBeGreaterThan(0.93); // by best fit, decreasing, hardly anything is lost
  });

  it('has no more values in a row than its slot takes, however many samples would fit', () => {
    const own = sampler({ packing: { tokens: 1024 }, mostValues: { image: 3 } });
    const rows = rowsOf(own, 1);
    expect(rows.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
    const pictures = rows.map((row) => row.reduce((sum, index) => sum + (sizes[index]!.image ?? 0), 0));
    expect(Math.max(...pictures)).toBe(3);
  });

  it('refuses rows that do not hold the longest sample', () => {
    expect(() => sampler({ packing: { tokens: 40 } })).toThrow(ConfigError);
    expect(() => sampler({ packing: { tokens: 40 } })).toThrow(
      /train\.packing\.tokens: expected at least 41, so many as sample 6/,
    );
  });
});
