import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError, PolymodalError, SampleError, StorageError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import type { RowOrFault, Table } from '../table/table';
import { temporaryFolder } from '../testing/temporary-folder';
import { type CsvOptions, openCsv } from './csv-table';
import { splitCsv } from './record-splitter';

async function open(content: string | Uint8Array, options: CsvOptions = {}, name = 't.csv'): Promise<Table> {
  return openCsv(join(temporaryFolder({ [name]: content }), name), options);
}

function rows(table: Table): Promise<RowOrFault[]> {
  return Promise.all(Array.from({ length: table.length }, (_, index) => table.read(index)));
}

describe('a file of comma-separated values', () => {
  it('has cells in quotes with delimiters, quotes and ends of lines in them, whatever ends its lines', async () => {
    const record = '"x, ""y""\r\nz",é';
    for (const end of ['\n', '\r\n', '\r']) {
      const table = await open([`a,b`, record, '', '1, 2 ', ''].join(end));
      expect(table.columns).toEqual(['a', 'b']);
      expect(await rows(table)).toEqual([
        ['x, "y"\r\nz', 'é'],
        ['1', ' 2 '],
      ]);
      expect(table.where(0)).toMatch(/t\.csv, line 2$/);
      expect(table.where(1)).toMatch(/line 5$/); // the record above has two lines, and an empty one follows
    }
  });

  it('may mix ends of lines, and have a mark of UTF-8 before quotes', async () => {
    const table = await open('\ufeff"a","b"\r\n1,2\n3,4\r\n5,6');
    expect(table.columns).toEqual(['a', 'b']);
    expect(await rows(table)).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]); // prettier-ignore
  });

  it('has the delimiter of its header, and asks where that may be several', async () => {
    expect((await open('a;b\n1,5;2')).columns).toEqual(['a', 'b']);
    expect((await open('a\tb,c', {}, 'T.TSV')).columns).toEqual(['a', 'b,c']);
    expect((await open('"a,b"|c')).columns).toEqual(['a,b', 'c']);
    await expect(open('a;b,c\n1;2')).rejects.toThrow(/line 1: .*received ";" and ",". Say which/);
    expect((await open('a;b,c\n1;2', { delimiter: ';' })).columns).toEqual(['a', 'b,c']);
    await expect(open('a', { delimiter: '::' })).rejects.toThrow(/csv.delimiter/);
  });

  it('tells a ragged row, a misplaced quote and a quote that is never closed by their lines, and reads the others', async () => {
    const table = await open('a,b\n1,2\n3\n"4"x,5\n6,7,8\n9,10\n11,"12\n13,14\n');
    const all = await rows(table);
    expect(all.filter(Array.isArray)).toEqual([
      ['1', '2'],
      ['9', '10'],
    ]); // prettier-ignore
    const faults = all.filter((row) => PolymodalError.isInstance(row)) as PolymodalError[];
    expect(faults.map(({ where }) => where?.replace(/^.*, /, ''))).toEqual(['line 3', 'line 4', 'line 5', 'line 7']);
    expect(faults[0]).toBeInstanceOf(SampleError);
    expect(faults[0].message).toMatch(/expected 2 cells.*received 1/);
    expect(faults[1].message).toMatch(/text behind a closing quote/);
    expect(faults[3].message).toMatch(/never closed.*line 8/);
  });

  it('takes a quote within a field for a letter, as Python does', async () => {
    expect(await rows(await open('a,b\n5" pipe,2\n'))).toEqual([['5" pipe', '2']]);
  });

  it('reads other encodings, and refuses bytes that are no letters with their line', async () => {
    const latin = Uint8Array.from([...'a,b\n1,2\nM'].map((c) => c.charCodeAt(0)).concat(0xfc, 0x2c, 0x33));
    const [, fault] = await rows(await open(latin));
    expect((fault as PolymodalError).message).toMatch(/line 3: expected a text in utf-8.*encoding/);
    expect(await rows(await open(latin, { encoding: 'windows-1252' }))).toEqual([
      ['1', '2'],
      ['Mü', '3'],
    ]); // prettier-ignore
    await expect(open(Buffer.from('\ufeffa,b', 'utf16le'))).rejects.toThrow(/UTF-8/);
    await expect(open('a\0,b')).rejects.toThrow(FileFormatError);
    await expect(open('a', { encoding: 'latin-9000' })).rejects.toThrow(/encoding/);
  });

  it('names each column once; one without a name as pandas does, who writes such', async () => {
    expect((await open(',a , b\n0,1,2')).columns).toEqual(['Unnamed: 0', 'a', 'b']);
    await expect(open('a,b,a\n')).rejects.toThrow(/line 1: .*"a" for columns 1 and 3/);
    await expect(open('')).rejects.toThrow(/an empty file/);
    expect((await open('a,b')).length).toBe(0);
  });

  it('finds any row of a long file by itself, also where records cross the borders of blocks', async () => {
    const text = (index: number) => `${index} "`.repeat(index % 97) + (index % 3 ? '\r\n' : '');
    const cells = Array.from({ length: 3000 }, (_, index) => [String(index), text(index), 'ü'.repeat(index % 11)]);
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const table = await open(`a,b,c\n${cells.map((row) => `${row.map(quoted).join(',')}\r\n`).join('')}`);
    expect(table.length).toBe(3000);
    for (const index of [2999, 0, 1500, 1499, 77, 2998]) expect(await table.read(index)).toEqual(cells[index]);
    expect(await rows(table)).toEqual(cells);
  });

  it('notices that the file was changed since it was opened', async () => {
    const table = await open('a,b\n1,2\n');
    appendFileSync(table.name, '3,4\n');
    await expect(table.read(0)).rejects.toThrow(StorageError);
  });
});

describe('splitCsv', () => {
  it('finds the same records wherever the bytes are cut', () => {
    const split = splitCsv(0x2c, 0x22);
    const bytes = Buffer.from('a,b\r\n"x\r\n""",2\r\n\r\n"4" ,5\r7,8\n\n9,"10"');
    const whole = split(bytes, true).spans.map(({ start, end }) => bytes.subarray(start, end).toString());
    expect(whole).toEqual(['a,b', '"x\r\n""",2', '"4" ,5', '7,8', '9,"10"']);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const first = split(bytes.subarray(0, cut), false);
      const rest = bytes.subarray(first.consumed);
      const second = split(rest, true);
      const found = [
        ...first.spans.map(({ start, end, line }) => [bytes.subarray(start, end).toString(), line]),
        ...second.spans.map(({ start, end, line }) => [rest.subarray(start, end).toString(), line + first.lines]),
      ];
      expect(found).toEqual(split(bytes, true).spans.map(({ line }, index) => [whole[index], line]));
    }
  });
});
