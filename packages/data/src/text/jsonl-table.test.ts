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

  it('is no list, and no object over several lines, which it says with the way out', async () => {
    await expect(open('[\n{"a": 1},\n{"a": 2}]')).rejects.toThrow(FileFormatError);
    await expect(open('{\n  "a": 1\n}')).rejects.toThrow(/over several lines.*jq/);
    await expect(open('')).resolves.toMatchObject({ rows: [] });
  });
});
