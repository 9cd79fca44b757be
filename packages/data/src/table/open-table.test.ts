import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ConfigError, FileFormatError, StorageError } from '@polymodal/core';
import { describe, expect, it, vi } from 'vitest';
import { SourceFile } from '../files/source-file';
import { RowGroupReader } from '../parquet/row-group-reader';
import { fixture, readByPython, rowsOf, written } from '../testing/read-by-python';
import { temporaryFolder } from '../testing/temporary-folder';
import { bracesOf } from './braces';
import { openTable } from './open-table';
import { unreadBytes } from './table';

describe('CSV', () => {
  it('has the rows that Python reads', async () => {
    const folder = temporaryFolder();
    for (const [index, { text, delimiter, rows }] of readByPython.csv.entries()) {
      const path = join(folder, `${index}.csv`);
      writeFileSync(path, text);
      const table = await openTable(path, { csv: { delimiter } });
      expect([table.columns, ...(await rowsOf(table))]).toEqual(rows);
    }
  });
});

describe('annotations of COCO', () => {
  const box = (image_id: number, category_id: number, more = {}) => ({
    image_id,
    category_id,
    bbox: [1, 2, 3.5, 4],
    ...more,
  });
  const whole = {
    info: { year: 2017 },
    images: [8, 9, 7].map((id) => ({ id, file_name: `${id}.jpg`, width: 9 })),
    annotations: [box(9, 44, { segmentation: [[1, 2, 3, 4]] }), box(9, 1), box(8, 44), box(8, 1, { iscrowd: 1 })],
    categories: [1, 44, 90].map((id) => ({ id, name: `thing ${id}` })),
  };
  const opened = (content: object) =>
    openTable(join(temporaryFolder({ 'a.json': JSON.stringify(content, null, 1) }), 'a.json'));

  it('are a row for each picture, with its boxes under the names of their categories', async () => {
    const table = await opened(whole);
    const found = (categories: string[]) => ({ bbox: categories.map(() => [1, 2, 3.5, 4]), categories });
    expect(await rowsOf(table)).toEqual([
      ['8.jpg', found(['thing 44'])],
      ['9.jpg', found(['thing 44', 'thing 1'])],
      ['7.jpg', found([])],
    ]);
    expect(table.classes).toEqual({ objects: ['thing 1', 'thing 44', 'thing 90'] });
    expect(table.id?.(1)).toBe('9');
    expect(table.remarks[0]).toMatch(/1 of 4 boxes are around crowds/);
  });

  it('are refused where they are none, or name a picture that there is not; another category is a fault of its row', async () => {
    await expect(opened({ rows: [] })).rejects.toThrow(
      /a\.json: expected a list of objects.*or the instances of COCO.*received an object with rows/,
    );
    await expect(opened({ ...whole, annotations: [box(5, 1)] })).rejects.toThrow(
      /annotations\[0\]\.image_id.*received 5/,
    );
    await expect(opened({ ...whole, images: [...whole.images, whole.images[0]] })).rejects.toThrow(/same id/);
    const short = { ...whole, annotations: [{ ...box(8, 1), bbox: [1, 2, 3] }] };
    await expect(opened(short)).rejects.toThrow(/annotations\[0\]\.bbox/);
    const [eight, nine] = await rowsOf(await opened({ ...whole, annotations: [box(8, 2)] }));
    expect(String(eight)).toMatch(
      /annotations\[0\]\.category_id: expected the id of one of the categories, received 2/,
    );
    expect(nine).toEqual(['9.jpg', { bbox: [], categories: [] }]);
  });
});

describe('files within a table', () => {
  it('are not read where it is enough that they are there: in shards, and in Parquet where no row is without', async () => {
    const folder = temporaryFolder({
      'a.tar': tar({ '1.jpg': 'picture', '1.txt': 'text', '2.jpg': '', '2.txt': 'y' }),
    });
    const shard = await openTable(join(folder, 'a.tar'));
    const read = vi.spyOn(SourceFile.prototype, 'read');
    expect(await shard.read(0, new Set([0, 1, 2]))).toEqual(['1', unreadBytes, 'text']);
    expect(read).toHaveBeenCalledTimes(1); // of the text
    expect(await shard.read(1, new Set([1]))).toEqual(['2', new Uint8Array(), 'y']); // which has no content
    expect(await shard.read(0, new Set([2]))).toEqual(await shard.read(0));
    read.mockRestore();

    const table = await openTable(fixture('snappy.parquet'));
    const all = new Set(table.columns.keys());
    const [raw, image] = ['raw', 'image'].map((name) => table.columns.indexOf(name));
    for (const index of [0, 1, 20, 39]) {
      const [row, whole] = [await table.read(index, all), await table.read(index)] as [unknown[], unknown[]];
      expect(row[raw]).toBe(unreadBytes);
      expect(row[image]).toEqual(whole[image]); // one row has none: which, is known by reading alone
      expect(row.toSpliced(raw, 1)).toEqual(whole.toSpliced(raw, 1));
    }
    const joined = await openTable([join(folder, 'a.tar'), join(folder, 'a.tar')]);
    expect(await joined.read(2, new Set([1]))).toEqual(['1', unreadBytes, 'text']);
  });
});

describe('Parquet', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'has the rows that pyarrow reads, with the codec %s',
    async (codec) => {
      const { columns, rows } = readByPython.parquet;
      const table = await openTable(fixture(`${codec}.parquet`));
      expect(table.columns).toEqual(columns);
      expect((await rowsOf(table)).map(written)).toEqual(rows.map(written));
      expect(table.where(17)).toMatch(/parquet, row 17$/);
    },
  );

  it.each(['paged', 'paged-index', 'paged-v2'])(
    'has the rows that pyarrow reads in whatever order they are read, by parts of a group: %s',
    async (name) => {
      const rows = readByPython.pages.map(written);
      const table = await openTable(fixture(`${name}.parquet`), { parquet: { cacheBytes: 2 ** 13 } });
      const order = [...rows.keys()].sort((a, b) => ((a * 67) % 160) - ((b * 67) % 160));
      const { bytes, blockOf } = table.blocks!;
      expect(bytes.length).toBeGreaterThan(3);
      expect(order.map((index) => blockOf(index)).sort((a, b) => a - b)).toEqual([...rows.keys()].map(blockOf));
      for (const index of order) expect([index, written(await table.read(index))]).toEqual([index, rows[index]]);
    },
  );

  it('reads no more of a large group than the pages of a block', async () => {
    const path = fixture('paged.parquet');
    const table = await openTable(path, { parquet: { cacheBytes: 2 ** 13 } });
    const read = vi.spyOn(SourceFile.prototype, 'read');
    await table.read(150);
    const ranges = read.mock.calls.map(([start, end]) => end - start);
    read.mockRestore();
    expect(ranges.reduce((sum, length) => sum + length, 0)).toBeLessThan(statSync(path).size / 2);
  });

  it('keeps rows of all files in one bound of memory, and reads each block once in the order of blocks', async () => {
    const cacheBytes = 2 ** 15;
    const table = await openTable(['snappy.parquet', 'zstd.parquet', 'paged.parquet'].map(fixture), {
      parquet: { cacheBytes },
    });
    const { blockOf, bytes } = table.blocks!;
    const ends = bytes.map((_, block) => bytes.slice(0, block + 1).reduce((sum, own) => sum + own));
    const fit = ends.filter((end) => end <= cacheBytes).length; // blocks of two files
    const rows = [...Array(table.length).keys()];
    expect(fit).toBeGreaterThan(blockOf(40) + 1);
    expect(fit).toBeLessThan(bytes.length);
    const read = vi.spyOn(RowGroupReader.prototype, 'read');
    const readBlocks = async (from: number, to: number) => {
      for (const row of rows) if (blockOf(row) >= from && blockOf(row) < to) await table.read(row);
      return read.mock.calls.length;
    };
    expect(await readBlocks(0, fit)).toBe(fit);
    expect(await readBlocks(0, fit)).toBe(fit);
    expect(await readBlocks(fit, bytes.length)).toBe(bytes.length);
    expect(await readBlocks(0, 1)).toBe(bytes.length + 1);
    read.mockRestore();
  });

  it('refuses a file that is cut short, or none, by its name', async () => {
    const folder = temporaryFolder({
      'a.parquet': readFileSync(fixture('snappy.parquet')),
      'b.parquet': 'x',
      'c.parquet': '',
    });
    const damaged = join(folder, 'a.parquet');
    truncateSync(damaged, 5000);
    for (const name of ['a', 'b', 'c']) {
      await expect(openTable(join(folder, `${name}.parquet`))).rejects.toThrow(FileFormatError);
    }
    const bytes = readFileSync(fixture('snappy.parquet')).fill(0xff, 100, 700);
    writeFileSync(join(folder, 'd.parquet'), bytes);
    const table = await openTable(join(folder, 'd.parquet'));
    await expect(rowsOf(table)).rejects.toThrow(/d\.parquet: expected a file of Parquet that can be decoded/);
  });
});

describe('a shard of WebDataset', () => {
  it.each(Object.keys(readByPython.shards))('has the samples that webdataset finds: %s', async (name) => {
    const table = await openTable(fixture(name));
    const content = new Map<string, unknown>();
    const all = (await rowsOf(table)).map((row) =>
      Object.fromEntries(
        table.columns
          .map((column, place) => [column, (row as unknown[])[place]])
          .filter(([, cell]) => cell !== undefined),
      ),
    );
    const isLink = ({ __key__: key }: { [column: string]: unknown }) => key === 'a/004'; // to a/001.txt: webdataset has none
    for (const row of all.filter(isLink)) expect(row.txt).toBe('Größe');
    const found = all.filter((row) => !isLink(row));
    expect(found.map((row) => Object.keys(row).sort())).toEqual(
      readByPython.shards[name].map((row) => Object.keys(row).sort()),
    );
    for (const [index, row] of readByPython.shards[name].entries()) {
      for (const [column, { bytes }] of Object.entries(row) as [string, { bytes: string }][]) {
        content.set(column, found[index][column]);
        const expected = Buffer.from(bytes ?? '', 'base64');
        if (/png$/.test(column)) expect(Buffer.from(found[index][column] as Uint8Array)).toEqual(expected);
        if (column === 'txt') expect(found[index][column]).toBe(expected.toString());
      }
    }
    expect(content.get('cls')).toBe(7);
    expect(content.get('json')).toEqual({ x: [1, 2] });
    expect(table.id?.(0)).toBe(`${name}/a/001`);
  });

  it('joins the files of a sample that stand apart, passes over what systems leave, and refuses a file that occurs twice', async () => {
    const folder = temporaryFolder({
      'a.tar': tar({ '1.txt': 'x', '2.txt': 'y', '1.cls': '3', '._1.txt': 'mac', '__MACOSX/1.png': 'm', LICENSE: 'l' }),
      'b.tar': tar({ '1.txt': 'x', '1.TXT': 'y' }),
      'c.tar': tar({ '1.cls': 'seven', '2.json': '{', '3.txt': 'fine' }),
    });
    const table = await openTable(join(folder, 'a.tar'));
    expect(await rowsOf(table)).toEqual([
      ['1', 'x', 3],
      ['2', 'y'],
    ]); // prettier-ignore
    expect(table.remarks[0]).toMatch(/1 files whose names have no dot/);
    await expect(openTable(join(folder, 'b.tar'))).rejects.toThrow(/"1.TXT" again/);
    const [seven, brace, fine] = await rowsOf(await openTable(join(folder, 'c.tar')));
    expect(String(seven)).toMatch(/"1.cls": expected a number/);
    expect(String(brace)).toMatch(/"2.json": expected JSON with a name in quotes/);
    expect(fine).toEqual(['3', undefined, undefined, 'fine']);
  });

  it('is refused where it is cut short, damaged or no archive, and unpacked no further than media are', async () => {
    const whole = readFileSync(fixture('gnu.tar'));
    const folder = temporaryFolder({
      'short.tar': whole.subarray(0, 1700),
      'damaged.tar': Buffer.from(whole).fill(0x41, 512, 520),
      'none.tar': 'hello',
      'short.tar.gz': readFileSync(fixture('packed.tar.gz')).subarray(0, 200),
      'bomb.tgz': gzipSync(Buffer.alloc(20 * 2 ** 20)),
    });
    for (const name of ['short.tar', 'damaged.tar', 'none.tar', 'short.tar.gz', 'bomb.tgz']) {
      await expect(openTable(join(folder, name)), name).rejects.toThrow(FileFormatError);
    }
  });
});

describe('links in an archive', () => {
  it('stand for the files that they lead to, as GNU tar writes equal files, and are told of where they lead elsewhere', async () => {
    const folder = temporaryFolder({ 'a/1.txt': 'one', 'a/2.cls': '2' });
    const at = (name: string) => join(folder, 'a', name);
    linkSync(at('1.txt'), at('3.txt'));
    const long = `${'x'.repeat(90)}/${'y'.repeat(90)}`;
    mkdirSync(join(folder, long), { recursive: true });
    linkSync(at('1.txt'), join(folder, long, '9.txt'));
    symlinkSync('../a/1.txt', at('2.txt'));
    symlinkSync('./2.txt', at('4.txt'));
    symlinkSync('/etc/hostname', at('5.txt'));
    symlinkSync('loop.txt', at('loop.txt'));
    for (const format of ['gnu', 'pax', 'ustar']) {
      const path = join(folder, `${format}.tar`);
      const names = ['1.txt', '2.cls', '2.txt', '3.txt', '4.txt', '5.txt', 'loop.txt'].map((name) => `./a/${name}`);
      const { status } = spawnSync('tar', [`--format=${format}`, '-cf', path, '-C', folder, ...names, `${long}/9.txt`]);
      expect(status).toBe(0);
      const table = await openTable(path);
      expect(table.columns).toEqual(['__key__', 'txt', 'cls']);
      expect((await rowsOf(table)).map((row) => (row as unknown[]).slice(1))).toEqual([
        ['one'],
        ['one', 2],
        ['one'],
        ['one'],
        ['one'],
      ]);
      expect(table.remarks).toEqual([
        expect.stringMatching(/2 links to what is no file of the archive.*5.txt" to "\/etc\/hostname"/),
      ]);
    }
  });

  it('are read where the file is the one of a long name', async () => {
    const folder = temporaryFolder({});
    const long = `${'x'.repeat(90)}/${'y'.repeat(90)}`;
    mkdirSync(join(folder, long), { recursive: true });
    writeFileSync(join(folder, long, '1.txt'), 'one');
    linkSync(join(folder, long, '1.txt'), join(folder, '2.txt'));
    for (const format of ['gnu', 'pax']) {
      const path = join(folder, `${format}.tar`);
      spawnSync('tar', [`--format=${format}`, '-cf', path, '-C', folder, `${long}/1.txt`, '2.txt']);
      expect((await rowsOf(await openTable(path))).map((row) => (row as unknown[])[1])).toEqual(['one', 'one']);
    }
  });
});

describe('what is wrong with an archive', () => {
  it('is told: its end, holes, a size that is none', async () => {
    const whole = Buffer.from(tar({ '1.txt': 'x', '2.txt': 'y' }));
    const size = Buffer.from(tar({ '1.txt': 'x' }));
    size.write('zzz\0', 124);
    const sparse = Buffer.from(tar({ '1.txt': 'x' }));
    sparse.write('S', 156);
    const folder = temporaryFolder({
      'cut.tar': whole.subarray(0, 1024),
      'size.tar': signed(size),
      'sparse.tar': signed(sparse),
    });
    const cut = await openTable(join(folder, 'cut.tar'));
    expect(await rowsOf(cut)).toEqual([['1', 'x']]);
    expect(cut.remarks).toEqual([expect.stringMatching(/cut\.tar: has no empty block at its end/)]);
    await expect(openTable(join(folder, 'size.tar'))).rejects.toThrow(
      /size of "1.txt" in octal digits, received "zzz"/,
    );
    await expect(openTable(join(folder, 'sparse.tar'))).rejects.toThrow(/"1.txt".*sparse.*without --sparse/);
  });
});

describe('a folder', () => {
  it.each(Object.keys(readByPython.folders))('has the rows that imagefolder makes of it: %s', async (name) => {
    const { files, rows } = readByPython.folders[name];
    const contents = files.map((file) => {
      const [path, ...content] = file.split(':');
      return [path, content.join(':')] as const;
    });
    const folder = temporaryFolder(Object.fromEntries(contents));
    const table = await openTable(folder);
    const found = (await rowsOf(table)).map((row, index) => {
      const cell = (column: string) => (row as unknown[])[table.columns.indexOf(column)];
      const path = join(table.folder(index), String(cell('file_name'))).slice(folder.length + 1);
      const split = cell('split') ?? 'train';
      return { path, split, label: cell('label') ?? null, caption: cell('caption') ?? null };
    });
    expect(found.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual(rows);
  });

  it('passes over what systems leave, follows links once, and says what else there is', async () => {
    const folder = temporaryFolder({
      'a/1.JPG': '',
      'a/.DS_Store': '',
      'a/._1.JPG': '',
      '__MACOSX/a/1.JPG': '',
      'Thumbs.db': '',
      'notes.txt': '',
      'é/三.png': '', // prettier-ignore
    });
    symlinkSync('..', join(folder, 'a', 'back'));
    symlinkSync('lost', join(folder, 'a', 'lost.png'));
    const table = await openTable(folder);
    expect(await rowsOf(table)).toEqual([
      ['a/1.JPG', 'a'],
      ['é/三.png', 'é'],
    ]); // prettier-ignore
    expect(table.remarks).toEqual([`${folder}: 1 files that are neither pictures nor sounds are passed over`]);
  });

  it('has classes that begin with the word for a split, and says so', async () => {
    const folder = temporaryFolder({ 'dev-tools/1.png': '', 'test_tubes/1.png': '', 'train/1.png': '' });
    const table = await openTable(folder);
    expect(table.columns).toEqual(['file_name', 'label']);
    expect((await rowsOf(table)).map((row) => (row as unknown[])[1])).toEqual(['dev-tools', 'test_tubes', 'train']);
    expect(table.remarks).toEqual([expect.stringMatching(/dev-tools, test_tubes, train are no splits/)]);
    const tables = await openTable(
      temporaryFolder({ 'dev-tools/metadata.csv': 'file_name\n1.png\n', 'test/metadata.csv': 'file_name\n1.png\n' }),
    );
    expect(tables.columns).toEqual(['file_name']);
    expect(tables.remarks[0]).toMatch(/dev-tools, test are no splits/);
    const splits = await openTable(temporaryFolder({ 'Training/a/1.png': '', 'val/a/1.png': '' }));
    expect(await rowsOf(splits)).toEqual([
      ['Training/a/1.png', 'a', 'train'],
      ['val/a/1.png', 'a', 'validation'],
    ]);
    expect(splits.remarks).toEqual([]);
  });

  it('may hold tables, as shards of splits, and is refused where it holds nothing, or formats mixed', async () => {
    const folder = temporaryFolder({ 'train-00000-of-00001.csv': 'a\n1\n2\n', 'test-0.csv': 'a,b\n3,4\n' });
    const table = await openTable(folder);
    expect(table.columns).toEqual(['a', 'b', 'split']);
    expect(await rowsOf(table)).toEqual([
      ['3', '4', 'test'],
      ['1', undefined, 'train'],
      ['2', undefined, 'train'],
    ]); // prettier-ignore
    await expect(openTable(temporaryFolder({ 'a.csv': 'a', 'b.jsonl': '{}' }))).rejects.toThrow(/tables of one format/);
    await expect(openTable(temporaryFolder({ 'a.docx': 'a' }))).rejects.toThrow(/1 files, such as a.docx/);
    await expect(openTable(temporaryFolder({ 'metadata.csv': 'name\n1\n' }))).rejects.toThrow(/file_name/);
  });
});

describe('openTable', () => {
  it('joins files, also those that braces stand for, and refuses such as have nothing in common', async () => {
    const folder = temporaryFolder({
      's-08.csv': 'a\n1\n',
      's-09.csv': 'a\n2\n',
      's-10.csv': 'a\n3\n',
      'other.csv': 'b\n4\n',
      empty: 'a\n5\n',
    });
    const table = await openTable(join(folder, 's-{08..10}.csv'));
    expect(await rowsOf(table)).toEqual([['1'], ['2'], ['3']]);
    expect(table.where(2)).toMatch(/s-10\.csv, line 2$/);
    expect((await openTable([join(folder, 's-{08,09}.csv'), join(folder, 's-10.csv')])).length).toBe(3);
    await expect(openTable(join(folder, '{s-08,other}.csv'))).rejects.toThrow(/other\.csv.*columns of/);
    await expect(openTable(join(folder, 'empty'))).rejects.toThrow(/format: "csv"/);
    expect(await rowsOf(await openTable(join(folder, 'empty'), { format: 'csv' }))).toEqual([['5']]);
    await expect(openTable(join(folder, 'lost.csv'))).rejects.toThrow(StorageError);
    await expect(openTable([])).rejects.toThrow(ConfigError);
  });
});

describe('braces in a path', () => {
  it('are as many files as a shell makes of them, in its order', () => {
    expect(bracesOf('{a,b}-{08..10}{x}.csv')).toEqual(
      ['a-08', 'a-09', 'a-10', 'b-08', 'b-09', 'b-10'].map((name) => `${name}{x}.csv`),
    );
    expect(bracesOf('{3..1}{,z}')).toEqual(['{3..1}', '{3..1}z']);
    expect(bracesOf('{a,b}'.repeat(14))[2 ** 14 - 2]).toBe(`${'b'.repeat(13)}a`);
  });

  it('are counted before any path is made', () => {
    for (const path of ['{0..99999}{0..99999}.csv', '{0..99999999999}.csv', '{a,b}'.repeat(1000)]) {
      expect(() => bracesOf(path)).toThrow(/braces for at most 100000 files/);
    }
  });

  it('are letters where a file is called so', async () => {
    const folder = temporaryFolder({ 'br{1,2}.csv': 'a\n1\n' });
    expect(await rowsOf(await openTable(join(folder, 'br{1,2}.csv')))).toEqual([['1']]);
  });
});

/** An archive of POSIX. */
function tar(files: Readonly<Record<string, string>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    header.write('ustar\0', 257);
    signed(header);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** With the checksum of its first header. */
function signed(archive: Buffer): Buffer {
  archive.write('        ', 148);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return archive;
}
