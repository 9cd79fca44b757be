import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, FileFormatError, UnknownNameError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { splitName } from '../folders/split-name';
import { openManifest } from '../manifest/open-manifest';
import { temporaryFolder } from '../testing/temporary-folder';
import { assignParts } from './assign-parts';
import { readSplit, saveSplit } from './split-file';
import { splitManifest } from './split-manifest';

interface Row {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly speaker: string;
  readonly label: string;
  readonly fold: string;
}

/** Rows with two modalities, of which some lack one, in classes of different sizes. */
function makeRows(count: number): Row[] {
  return Array.from({ length: count }, (_, row) => ({
    id: `s${row}`,
    a: row % 3 ? 'x' : '',
    b: row % 3 === 1 ? '' : 'y',
    speaker: `p${row % 23}`,
    label: row % 10 === 0 ? 'rare' : 'often',
    fold: row % 4 ? 'train' : 'test',
  }));
}

function open(rows: readonly Row[], id: string | undefined = 'id') {
  const csv = ['id,a,b,speaker,label,fold', ...rows.map((row) => Object.values(row).join())].join('\n');
  const path = join(temporaryFolder({ 't.csv': csv }), 't.csv');
  return openManifest(path, { slots: { a: 'a', b: 'b' }, targets: { label: 'label' }, id });
}

const into = { train: 0.8, validation: 0.1, test: 0.1 };

it('takes other words for the names of parts, and nothing that only begins so', () => {
  const words = ['Train', 'training', 'val', 'dev', 'valid', 'test', 'eval', 'evaluation', 'trainers', 'holdout'];
  const [train, validation, test] = ['train', 'validation', 'test'];
  expect(words.map(splitName)).toEqual([
    train,
    train,
    validation,
    validation,
    validation,
    test,
    test,
    test,
    undefined,
    undefined,
  ]);
});

describe('splitManifest', () => {
  it('gives each part its share of every class in every combination of modalities, to within a sample', async () => {
    const rows = makeRows(600);
    const split = await splitManifest(await open(rows), { into });
    const counts = new Map<string, Record<string, number>>();
    for (const { id, a, b, label } of rows) {
      const own = counts.get(`${a}${b}${label}`) ?? { train: 0, validation: 0, test: 0 };
      own[split.entries.get(id)!.part]++;
      counts.set(`${a}${b}${label}`, own);
    }
    expect(counts.size).toBe(6);
    for (const own of counts.values()) {
      const total = own.train + own.validation + own.test;
      for (const [part, share] of Object.entries(into)) expect(Math.abs(own[part] - share * total)).toBeLessThan(1);
    }
  });

  it('follows from ids and seed: not from the order of rows, and a row more moves at most one over each border', async () => {
    const rows = makeRows(300);
    const split = await splitManifest(await open(rows), { into });
    const turned = await splitManifest(await open([...rows].reverse()), { into });
    expect([...turned.entries].sort()).toEqual([...split.entries].sort());
    for (const label of ['often', 'rare']) {
      const more = await splitManifest(await open([{ ...rows[1], id: 'new', label }, ...rows]), { into });
      const moved = rows.filter(({ id }) => more.entries.get(id)?.part !== split.entries.get(id)?.part);
      expect(moved.length).toBeLessThanOrEqual(label === 'often' ? 2 : 2 * 3); // three strata are too small to be cut by themselves
    }
    const other = await splitManifest(await open(rows), { into, seed: 1 });
    expect(rows.filter(({ id }) => other.entries.get(id)?.part !== split.entries.get(id)?.part).length).toBeGreaterThan(
      50,
    );
  });

  it('never parts a group, nor equal rows', async () => {
    const rows = makeRows(500);
    const split = await splitManifest(await open(rows), { into, groupBy: 'speaker' });
    const sides = new Map<string, Set<string>>();
    for (const { id, speaker } of rows) {
      sides.set(speaker, (sides.get(speaker) ?? new Set()).add(split.entries.get(id)!.part));
    }
    expect([...sides.values()].every((own) => own.size === 1)).toBe(true);
    expect(Object.keys(split.counts).sort()).toEqual(['test', 'train', 'validation']);

    const twins = makeRows(200).map((row) => ({ ...row, id: `s${Number(row.id.slice(1)) % 50}`, speaker: 'p' }));
    const parts = await (await splitManifest(await open(twins, undefined), { into: { train: 0.5, test: 0.5 } })).of(
      await open(twins, undefined),
    );
    const ids = async (part: 'train' | 'test') =>
      new Set(await Promise.all(Array.from({ length: parts[part].length }, (_, index) => parts[part].id(index))));
    const [train, test] = [await ids('train'), await ids('test')];
    expect([...train].filter((id) => test.has(id))).toEqual([]);
    expect(parts.train.length + parts.test.length).toBe(200);
  });

  it('refuses one id in two groups', async () => {
    const rows = makeRows(50).map((row, index) => (index === 9 ? { ...row, id: 's8' } : row));
    await expect(splitManifest(await open(rows), { into, groupBy: 'speaker' })).rejects.toThrow(
      /line 11: .*"s8" in "p8" and in "p9"/,
    );
  });

  it('goes by a column, whose parts have no group in common', async () => {
    const manifest = await open(makeRows(92));
    const { train, test } = await (await splitManifest(manifest, { column: 'fold' })).of(manifest);
    expect([train.length, test.length]).toEqual([69, 23]);
    await expect(splitManifest(manifest, { column: 'fold', groupBy: 'speaker' })).rejects.toThrow(
      /"p\d+" in "\w+" and in/,
    );
    await expect(splitManifest(manifest, { column: 'a' })).rejects.toThrow(/line 2: .*column "a"/);
    await expect(splitManifest(manifest, { column: 'fould' })).rejects.toThrow(/"fold"/);
  });

  it('joins parts that are called the same in the end, in the order of the table', async () => {
    const folds = ['train', 'Train', 'test', 'TRAIN', '__proto__', 'constructor', 'test'];
    const manifest = await open(makeRows(7).map((row, index) => ({ ...row, fold: folds[index] })));
    const split = (await splitManifest(manifest, { column: 'fold' })).renamed((name) => name.toLowerCase());
    expect(Object.entries(split.counts)).toEqual([
      ['train', 3],
      ['test', 2],
      ['__proto__', 1],
      ['constructor', 1],
    ]);
    const { train } = await split.of(manifest);
    expect(await Promise.all([0, 1, 2].map((index) => train.id(index)))).toEqual(['s0', 's1', 's3']);
    const shared = (await splitManifest(manifest, { into: { one: 0.5, two: 0.5 } })).renamed(() => 'all');
    expect([shared.counts, shared.recipe.shares]).toEqual([{ all: 7 }, { all: 1 }]);
  });

  it('has parts of any name, also of those that mean something to JavaScript', async () => {
    const names = ['constructor', '__proto__', 'toString', 'train'];
    const manifest = await open(makeRows(40).map((row, index) => ({ ...row, fold: names[index % 4] })));
    const split = await splitManifest(manifest, { column: 'fold' });
    const counts = Object.entries(split.counts);
    expect(counts.sort()).toEqual(names.map((name) => [name, 10]).sort());
    const parts = Object.entries(await split.of(manifest));
    expect(parts.map(([name, { length }]) => [name, length]).sort()).toEqual(counts);
    const path = join(temporaryFolder(), 'split.jsonl');
    await saveSplit(path, split);
    expect(new Map((await readSplit(path)).entries)).toEqual(new Map(split.entries));
    const shares = await splitManifest(manifest, {
      into: { constructor: 0.5, toString: 0.5 } as Record<string, number>,
    });
    expect(Object.entries(shares.counts)).toEqual([
      ['constructor', 20],
      ['toString', 20],
    ]);
    await saveSplit(join(temporaryFolder(), 'split.jsonl'), shares);
  });

  it('refuses what is no split', async () => {
    const manifest = await open(makeRows(5));
    await expect(splitManifest(manifest, { into: { train: 0.9, test: 0.2 } })).rejects.toThrow(/add up to 1/);
    await expect(splitManifest(manifest, {})).rejects.toThrow(/either into or column/);
    await expect(splitManifest(manifest, { into, stratify: ['lable'] })).rejects.toThrow(/"label"/);
    await expect(splitManifest(manifest, { into: { train: 0.999, test: 0.001 } })).rejects.toThrow(ConfigError);
  });
});

describe('a split in a file', () => {
  it('is read as it was saved, knows rows that came later for such, and gives them a part without moving any', async () => {
    const rows = makeRows(60);
    const path = join(temporaryFolder(), 'split.jsonl');
    const split = await splitManifest(await open(rows), { into, groupBy: 'speaker' });
    await saveSplit(path, split);
    const read = await readSplit(path);
    expect(read.recipe).toEqual(split.recipe);
    expect(new Map(read.entries)).toEqual(new Map(split.entries));

    const later = await open([...rows, { ...rows[7], id: 'later' }, { ...rows[7], id: 'other', speaker: 'new' }]);
    await expect(read.of(later)).rejects.toThrow(UnknownNameError);
    await expect(read.of(later)).rejects.toThrow(/line 62: .*2 that it does not know.*extend/);
    const grown = await read.extend(later);
    expect(grown.entries.get('later')?.part).toBe(split.entries.get('s7')?.part); // its speaker is there
    expect(rows.every(({ id }) => grown.entries.get(id)?.part === split.entries.get(id)?.part)).toBe(true);
    await saveSplit(path, grown);
    expect((await readSplit(path)).entries.size).toBe(62);
  });

  it('is refused where it was changed, and replaces neither another split nor another file', async () => {
    const manifest = await open(makeRows(60));
    const path = join(temporaryFolder({ 'notes.txt': 'mine' }), 'split.jsonl');
    await saveSplit(path, await splitManifest(manifest, { into }));
    await expect(saveSplit(path, await splitManifest(manifest, { into, seed: 2 }))).rejects.toThrow(/another split/);
    const text = readFileSync(path, 'utf8');
    const [one] = /\["\w+","train"\]/.exec(text)!;
    const [other] = /\["\w+","test"\]/.exec(text)!;
    const swapped = text.replace(one, one.replace('train', 'test')).replace(other, other.replace('test', 'train'));
    writeFileSync(path, swapped);
    await expect(readSplit(path)).rejects.toThrow(FileFormatError);
    const notes = path.replace('split.jsonl', 'notes.txt');
    await expect(saveSplit(notes, await splitManifest(manifest, { into }))).rejects.toThrow(FileFormatError);
    expect(readFileSync(notes, 'utf8')).toBe('mine');
  });
});

describe('assignParts', () => {
  it('keeps the shares over many strata that are too small for them, and over few groups', () => {
    const units = Array.from({ length: 4000 }, (_, unit) => ({ name: `u${unit}`, size: 1, stratum: `s${unit >> 1}` }));
    const parts = [...assignParts(units, { train: 0.8, test: 0.2 }, 0).values()];
    expect(Math.abs(parts.filter((part) => part === 'train').length - 3200)).toBeLessThanOrEqual(1);
    for (let seed = 0; seed < 20; seed++) {
      const groups = units
        .slice(0, 14)
        .map((unit, group) => ({ ...unit, size: 1 + (group % 5), stratum: `${group % 4}` }));
      const of = assignParts(groups, { train: 0.7, test: 0.3 }, seed);
      const [all, train] = [groups, groups.filter(({ name }) => of.get(name) === 'train')].map((own) =>
        own.reduce((sum, { size }) => sum + size, 0),
      );
      expect(Math.abs(train - 0.7 * all)).toBeLessThanOrEqual(5); // the largest group
    }
  });
});
