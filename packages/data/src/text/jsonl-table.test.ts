import { join } from 'node:path';
import { FileFormatError, PolymodalError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { openJsonl } from './jsonl-table';

async function open(content: string) {
  const table = await openJsonl(join(temporaryFolder({ 't.jsonl': content }), 't.jsonl'));
  return { table, rows: await Promise.all(Array.from({ length: table.length }, (_, index) => table.read(index))) };
}

describe('a file with an object in JSON on each line', () => {
  it('has the columns of all its lines, and values of any kind', async () => {
    const lines = ['\ufeff{"a": 1, "b": "ü\\n"}', '', '{"b": null, "c": [{"__proto__": 2}]}', '{"a": true}'];
    for (const end of ['\n', '\r\n']) {
      const { table, rows } = await open(lines.join(end));
      expect(table.columns).toEqual(['a', 'b', 'c']);
      expect(rows[0]).toEqual([1, 'ü\n']);
      expect(JSON.stringify(rows[1])).toBe('[null,null,[{"__proto__":2}]]');
      expect(rows[2]).toEqual([true]);
      expect(table.where(1)).toMatch(/t\.jsonl, line 3$/);
    }
  });

  it('tells what is wrong by the line: NaN, a key twice, an id that no number holds, no object, a line cut short', async () => {
    const { rows } = await open(
      '{"a": NaN}\n{"a": 1, "a": 2}\n{"id": 12345678901234567890}\n[1]\n{"a": 3}\n{"s": "12345678901234567890"}\n{"a": 6.02e23}\n{"a"',
    );
    const faults = rows.filter((row) => PolymodalError.isInstance(row)) as PolymodalError[];
    expect(faults.map(({ where }) => /line (\d)/.exec(where ?? '')?.[1])).toEqual(['1', '2', '3', '4', '8']);
    expect(faults[2].message).toMatch(/line 3, id: expected integers up to 2\^53.*in quotes/);
    expect(faults[3].message).toMatch(/expected an object.*received a list/);
    expect(rows.filter(Array.isArray)).toHaveLength(3);
  });

  it.each([
    '9007199254740993',
    '9007199254740992',
    '-9007199254740993',
    '9007199254740993.0',
    '9007199254740993e0',
    '0.9007199254740993e16',
    '1e400',
    '-1e400',
    '[{"b": [1, 9007199254740993]}]',
    '12345678901234567890123456789',
  ])('refuses the number %s, which would become another one', async (number) => {
    const { table, rows } = await open(`{"s": "1e5 \\" 12", "n": 5, "a": ${number}, "z": 0}\n{"a": 1}`);
    expect(String(rows[0])).toMatch(/line 1, a: expected integers up to 2\^53/);
    expect(table.columns).toEqual(['s', 'n', 'a', 'z']);
    expect(rows[1]).toEqual([undefined, undefined, 1]);
  });

  it.each([
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992.0',
    '6.02214076e+23',
    '1.7976931348623157e308',
    '1.234567890123456676e+20',
    '0.12345678901234567890',
    '1E22',
  ])('takes the number %s', async (number) => {
    const { rows } = await open(`{"a": ${number}}`);
    expect(rows).toEqual([[Number(number)]]);
  });

  it('is no list, and no object over several lines, which it says with the way out', async () => {
    await expect(open('[\n{"a": 1},\n{"a": 2}]')).rejects.toThrow(FileFormatError);
    await expect(open('{\n  "a": 1\n}')).rejects.toThrow(/over several lines.*called .json/);
    await expect(open('')).resolves.toMatchObject({ rows: [] });
  });
});
