import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FileFormatError, RandomKey } from '@polymodal/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder';
import { drawMissingTable, readMissingTable, saveMissingTable } from './missing-table';
import { withMissing } from './with-missing';

const slots = ['image', 'audio', 'text'];

describe('drawMissingTable', () => {
  const { missing } = drawMissingTable(slots, 100, 0.7, RandomKey.from(3));

  it('takes one modality from exactly so many samples, each as often as the others', () => {
    const counts = [-1, 0, 1, 2].map((place) => missing.filter((own) => own === place).length);
    expect(counts).toEqual([30, 24, 23, 23]);
  });

  it('follows from the key alone, and not from the order of samples', () => {
    expect(drawMissingTable(slots, 100, 0.7, RandomKey.from(3)).missing).toEqual(missing);
    expect(drawMissingTable(slots, 100, 0.7, RandomKey.from(4)).missing).not.toEqual(missing);
    const firstHalf = missing.slice(0, 50).filter((place) => place >= 0).length;
    expect(firstHalf).toBeGreaterThan(25); // 35 ± 3.2, without replacement
    expect(firstHalf).toBeLessThan(45);
  });
});

describe('readMissingTable', () => {
  let path: string;
  const table = drawMissingTable(slots, 20, 0.7, RandomKey.from(0));
  beforeEach(async () => {
    path = join(temporaryFolder(), 'table.json');
    await saveMissingTable(path, table);
  });

  it('gives back what was drawn, with a checksum that anybody can make', async () => {
    expect(await readMissingTable(path)).toEqual(table);
    const text = table.missing.map((place) => (place < 0 ? '.' : place)).join('');
    const sha256 = createHash('sha256').update(`[["image","audio","text"],"${text}"]`).digest('hex');
    expect(table.sha256).toBe(sha256);
  });

  it.each([
    ['one sample that lacks another modality', (text: string) => text.replace(/("missing": "[^012]*)[012]/, '$1.')],
    [
      'another order of slots',
      (text: string) => text.replace('"image"', '"audio"').replace(/"audio",\s+"text"/, '"image", "text"'),
    ],
    ['half a file', (text: string) => text.slice(0, 40)],
    ['something else', () => '{"seeds": 3}'],
  ])('refuses %s', async (_, change) => {
    const text = await readFile(path, 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(path, change(text));
    await expect(readMissingTable(path)).rejects.toThrow(FileFormatError);
  });
});

describe('a stored table', () => {
  it('stays, and takes from each sample what it says', async () => {
    const samples = Array.from({ length: 6 }, (_, index) => ({ image: index, audio: index, text: index }));
    const table = drawMissingTable(slots, 6, 0.5, RandomKey.from(1));
    const path = join(temporaryFolder(), 'table.json');
    await saveMissingTable(path, table);
    await saveMissingTable(path, table);
    await expect(saveMissingTable(path, drawMissingTable(slots, 6, 0.5, RandomKey.from(2)))).rejects.toThrow(
      ConfigError,
    );
    const left = withMissing(samples, await readMissingTable(path));
    for (const [index, place] of table.missing.entries()) {
      const expected = { ...samples[index], ...(place >= 0 && { [slots[place]]: undefined }) };
      expect(await left.get(index)).toEqual(expected);
      expect(await withMissing(left, table).get(index)).toEqual(expected);
    }
    expect(() => withMissing(samples.slice(1), table)).toThrow(/6 samples/);
  });

  it('is not drawn of what is none', () => {
    expect(() => drawMissingTable([], 5, 0.5, RandomKey.from(0))).toThrow(ConfigError);
    expect(() => drawMissingTable(['a', 'a'], 5, 0.5, RandomKey.from(0))).toThrow(/different names/);
    expect(() => drawMissingTable(['a'], 5, 1.5, RandomKey.from(0))).toThrow(/share/);
  });
});
