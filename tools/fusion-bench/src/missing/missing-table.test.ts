import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileFormatError, RandomKey } from '@polymodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawMissing, formatTable, readMissingTable } from './missing-table';
import { tablePath } from './stored-tables';

const slots = ['image', 'audio', 'text'];

describe('drawMissing', () => {
  const { missing } = drawMissing(slots, 100, 0.7, RandomKey.from(3));

  it('takes one modality from exactly so many samples, each as often as the others', () => {
    const counts = [-1, 0, 1, 2].map((place) => missing.filter((own) => own === place).length);
    expect(counts).toEqual([30, 24, 23, 23]);
  });

  it('follows from the key alone, and not from the order of samples', () => {
    expect(drawMissing(slots, 100, 0.7, RandomKey.from(3)).missing).toEqual(missing);
    expect(drawMissing(slots, 100, 0.7, RandomKey.from(4)).missing).not.toEqual(missing);
    const firstHalf = missing.slice(0, 50).filter((place) => place >= 0).length;
    expect(firstHalf).toBeGreaterThan(25); // 35 ± 3.2, without replacement
    expect(firstHalf).toBeLessThan(45);
  });
});

describe('readMissingTable', () => {
  let folder: string;
  let path: string;
  const table = drawMissing(slots, 20, 0.7, RandomKey.from(0));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'missing-'));
    path = join(folder, 'table.json');
    await writeFile(path, formatTable(table));
  });
  afterEach(() => rm(folder, { recursive: true }));

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
