import { ConfigError, FileFormatError, parseConfig, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { type RawRow, rowProcessor } from './row-processor';

const untrained = { slot: 'car', savedFile: () => undefined };

function create(columns: object, options: object = {}) {
  return rowProcessor.create(parseConfig(rowProcessor.config, { columns, ...options }, 'encoders.car'), untrained);
}

async function fitted(columns: object, rows: readonly RawRow[], options: object = {}) {
  const processor = create(columns, options);
  await processor.fit(stream(rows));
  return processor;
}

async function* stream(rows: readonly RawRow[]) {
  yield* rows;
}

const read = (processor: Awaited<ReturnType<typeof fitted>>, row: RawRow) => {
  const { cells, cellsMask } = processor.process(row);
  return Array.from(cells.data, (value, index) => (cellsMask.data[index] ? value : undefined));
};

describe('RowProcessor', () => {
  it('scales numbers by the training data, also in digits', async () => {
    const processor = await fitted({ power: { type: 'number', scale: 'standard' } }, [{ power: 2 }, { power: '6' }]);
    expect(read(processor, { power: 8 })).toEqual([2]); // mean 4, deviation 2
    expect(read(processor, { power: ' 0.4e1 ' })).toEqual([0]);
  });

  it.each([1e200, 1e-200, 1e305])('learns how numbers lie at any size, and is read again: %d', async (unit) => {
    const columns = { power: { type: 'number', scale: 'standard' } };
    const processor = await fitted(
      columns,
      [1, 2, 3, 4, 5].map((power) => ({ power: power * unit })),
    );
    const loaded = create(columns);
    loaded.restore((name) => processor.files()[name]);
    expect(read(loaded, { power: 3 * unit + 2 * Math.SQRT2 * unit })[0]).toBeCloseTo(2, 5); // mean 3, deviation √2
  });

  it('ranks numbers that lie as far apart as there are any', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({ power: index % 2 ? 1e308 : -1e308 }));
    const processor = await fitted({ power: 'number' }, rows);
    const loaded = create({ power: 'number' });
    loaded.restore((name) => processor.files()[name]);
    const [low, middle, high] = [-1e308, 0, 1e308].map((power) => read(loaded, { power })[0]!);
    expect(low).toBeCloseTo(-5.199, 2); // as far out as scikit-learn's
    expect(middle).toBeCloseTo(0, 6);
    expect(high).toBeCloseTo(5.199, 2);
  });

  it('refuses numbers that no model can see, by their column', async () => {
    const far = fitted({ power: { type: 'number', scale: 'standard' } }, [{ power: 1e308 }, { power: -1e308 }]);
    await expect(far).rejects.toThrow(/numbers at most 1.8e308 apart, in column "power"/);
    const processor = await fitted({ power: { type: 'number', scale: 'none' } }, [{ power: 1 }]);
    expect(() => processor.process({ power: 1e39 })).toThrow(/at most 3.4e38 .*in column "power", received 1e\+39/);
    expect(read(processor, { power: -3e38 })).toEqual([Math.fround(-3e38)]);
  });

  it('knows the categories of the training data, rare ones teach it what others are', async () => {
    const rows = [...'aabbbcd'].map((origin) => ({ origin }));
    const processor = await fitted({ origin: 'category' }, rows);
    expect([...'bacdz'].map((origin) => read(processor, { origin })[0])).toEqual([1, 2, 0, 0, 0]);
    const few = await fitted({ origin: { type: 'category', most: 1, minCount: 1 } }, rows);
    expect([...'bac'].map((origin) => read(few, { origin })[0])).toEqual([1, 0, 0]);
  });

  it('says which categories it did not tell apart in training, and what each number stands for', async () => {
    const columns = {
      origin: 'category',
      power: { type: 'number', scale: 'standard' },
      automatic: 'flag',
      seats: 'number',
    };
    const rows = [...'aabbbc'].map((origin, index) => ({ origin, power: index % 2, automatic: 'yes' }));
    const processor = await fitted(columns, rows);
    expect(processor.unfamiliar({ origin: 'z', power: 7 })).toEqual(['column "origin": "z"']);
    expect(processor.unfamiliar({ origin: 'a', automatic: 'no' })).toEqual([]);
    expect(processor.describe()).toEqual({
      cells: [
        { column: 'power', number: 'value', scale: { mean: 0.5, deviation: 0.5 } },
        { column: 'seats', unused: true },
        { column: 'origin', category: 'value', codes: { b: 1, a: 2 }, otherwise: 0 },
        { column: 'automatic', category: 'value', codes: { false: 0, true: 1 } },
      ],
    });
    expect(read(processor, { origin: 'a', power: 1, automatic: true })).toEqual([1, undefined, 2, 1]);
  });

  it('takes a category that it knows nothing of for an empty cell, or refuses it, if there were no others in training', async () => {
    const rows = [...'aabb'].map((origin) => ({ origin, power: 1 }));
    const columns = { origin: 'category', power: 'number' };
    expect(read(await fitted(columns, rows), { origin: 'z', power: 1 })).toEqual([0, undefined]);
    const strict = await fitted({ ...columns, origin: { type: 'category', unknown: 'refuse' } }, rows);
    expect(() => strict.process({ origin: 'z', power: 1 })).toThrow(
      'expected a known category, in column "origin", received "z". Did you mean "a" or "b"? Known: a, b.',
    );
    const listed = create({ origin: { type: 'category', values: ['a'], unknown: 'refuse' }, power: 'number' });
    await expect(listed.fit(stream(rows))).rejects.toThrow('received "b"');
    expect(listed.fitted).toBe(false);
  });

  it('sees of a date when it was and what comes again, in UTC', async () => {
    const columns = { sold: { type: 'date', scale: 'none', parts: ['time', 'month', 'weekday', 'hour'] } };
    const processor = await fitted(columns, [{ sold: '2024-05-31' }]);
    const day = Date.UTC(2024, 4, 31) / 86_400_000;
    expect(read(processor, { sold: '2024-05-31' })).toEqual([day, 4, 5, 0]);
    for (const sold of [
      '2024-05-31T12:00',
      '2024-05-31 12:00:00',
      '2024-05-31T14:00+02:00',
      new Date('2024-05-31T12:00Z'),
    ]) {
      expect(read(processor, { sold })).toEqual([day + 0.5, 4, 5, 12]);
    }
  });

  it('lets empty cells take no part, however they are written, and columns that were empty in training', async () => {
    const columns = { power: 'number', automatic: 'flag', seats: 'number' };
    const processor = await fitted(columns, [{ power: 1, automatic: 'No' }], { missing: ['', 'NA'] });
    expect(read(processor, { power: 1, automatic: 'yes', seats: 4 })).toEqual([0, undefined, 1]);
    for (const power of [null, undefined, '', ' ', 'NA']) {
      expect(read(processor, { power, automatic: 0 })).toEqual([undefined, undefined, 0]);
    }
    expect(processor.isAbsent({ power: 'NA', seats: null })).toBe(true);
    expect(processor.isAbsent({ power: 0 })).toBe(false);
  });

  it('says of which column a cell is that it cannot read, and of names that it does not know', async () => {
    const processor = await fitted({ power: 'number', sold: 'date' }, [{ power: 1, sold: '2024-05-31' }]);
    const refused = (row: object) => () => processor.process(row as RawRow);
    expect(refused({ power: '1,200' })).toThrow(
      'expected a finite number, or one in digits, as -12.5 or 3e4, in column "power", received "1,200"',
    );
    expect(refused({ sold: '2023-02-29' })).toThrow(/ISO 8601.*column "sold", received "2023-02-29"/);
    expect(refused({ powr: 1 })).toThrow('received "powr". Did you mean "power"?');
    expect(refused({ powr: 1 })).toThrow(SampleError);
    expect(
      read(await fitted({ power: 'number' }, [{ power: 1, x: 2 }], { otherColumns: 'ignore' }), { power: 1 }),
    ).toEqual([0]);
  });

  it.each([
    [{}, 'encoders.car.columns: expected at least one column'],
    [
      { title: 'text' },
      'encoders.car.columns.title: expected number, category, date or flag (a text belongs in a slot',
    ],
    [{ power: { type: 'number', scale: 'log' } }, 'encoders.car.columns.power.scale'],
    [
      { power: { type: 'number', most: 3 } },
      'encoders.car.columns.power: expected only known options, received "most"',
    ],
    [{ origin: { type: 'category', most: 0 } }, 'encoders.car.columns.origin.most'],
    [{ sold: { type: 'date', parts: ['year'] } }, 'encoders.car.columns.sold.parts.0'],
  ])('refuses the columns %o', (columns, message) => {
    expect(() => create(columns)).toThrow(ConfigError);
    expect(() => create(columns)).toThrow(message);
  });

  it('refuses a file that tells of other columns', () => {
    const file = new TextEncoder().encode('{"power":{}}');
    expect(() => create({ speed: 'number' }).restore(() => file)).toThrow(FileFormatError);
  });
});
