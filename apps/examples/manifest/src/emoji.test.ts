import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readEmoji } from './emoji';
import { writeTable } from './write-table';

const emoji = readEmoji();
const named = (name: string) => emoji.find((own) => own.name === name)!;

it('reads emoji as Unicode has them, without flags, and those that have no picture without one', () => {
  expect(emoji.length).toBe(1914 - 270); // of Unicode 17, and how many of these are flags
  expect(new Set(emoji.map(({ group }) => group)).size).toBe(8);
  expect(named('red heart')).toMatchObject({
    emoji: '❤️',
    version: 0.6,
    hasSkinTones: false,
    codePoints: 2,
    family: '2764',
  });
  const rowing = ['person rowing boat', 'man rowing boat', 'woman rowing boat'].map(named);
  expect(rowing.map(({ family, hasSkinTones }) => [family, hasSkinTones])).toEqual(Array(3).fill(['1F6A3', true]));
  expect(emoji.filter(({ picture }) => picture === undefined).length).toBe(59);
  expect(named('orca').picture).toBeUndefined(); // newer than the pictures
  expect(named('fox').picture).toMatch(/^<svg .*<\/svg>$/);
});

it('writes them as a spreadsheet would, with pictures beside the table', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-emoji-'));
  try {
    const path = await writeTable(folder, [named('fox'), named('orca')]);
    const [head, fox, orca] = readFileSync(path, 'utf8').split('\n');
    expect(head).toBe('emoji,name,keywords,picture,version,skin_tones,code_points,family,group');
    expect(fox).toMatch(/^🦊,fox,".+, .+",pictures\/1f98a\.png,3,no,1,1F98A,Animals & Nature$/);
    expect(orca).toMatch(/^.+,orca,".+",,17,no,1,[0-9A-F]+,Animals & Nature$/);
    const { data, info } = await sharp(join(folder, 'pictures/1f98a.png')).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([64, 64, 3]);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
