import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileFormatError, StorageError } from '@polymodal/core';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEasyVqa } from './read-easy-vqa';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easy-vqa-'));
  await writeFile(join(folder, 'answers.txt'), 'circle\nno\nyes\n');
  for (const split of ['train', 'test']) {
    await mkdir(join(folder, split, 'images'), { recursive: true });
    for (const number of [0, 7]) await picture(number).toFile(join(folder, split, 'images', `${number}.png`));
  }
  await write('train', [
    ['what shape is it?', 'circle', 7],
    ['is it red?', 'no', 0],
  ]);
  await write('test', [['is it red?', 'yes', 0]]);
});
afterEach(() => rm(folder, { recursive: true }));

/** Two pixels of one grey. */
const picture = (grey: number) =>
  sharp({ create: { width: 2, height: 1, channels: 3, background: { r: grey, g: grey, b: grey } } });
const pixels = (grey: number) => ({ width: 2, height: 1, channels: 3, data: new Uint8Array(6).fill(grey) });

const write = (split: string, questions: unknown) =>
  writeFile(join(folder, split, 'questions.json'), JSON.stringify(questions));

describe('readEasyVqa', () => {
  it('gives the questions of each split in their order, with their pictures', async () => {
    expect(await readEasyVqa(folder)).toEqual({
      answers: ['circle', 'no', 'yes'],
      train: [
        { question: 'what shape is it?', answer: 'circle', image: pixels(7) },
        { question: 'is it red?', answer: 'no', image: pixels(0) },
      ],
      test: [{ question: 'is it red?', answer: 'yes', image: pixels(0) }],
    });
  });

  it('says where easy-VQA comes from, where there is none', async () => {
    const reading = readEasyVqa(join(folder, 'elsewhere'));
    await expect(reading).rejects.toThrow(FileFormatError);
    await expect(reading).rejects.toThrow('easy-vqa==1.0');
    await rm(join(folder, 'test'), { recursive: true });
    await expect(readEasyVqa(folder)).rejects.toThrow('one without test');
  });

  it.each([
    [[['is it red?', 'maybe', 0]], 'question 0: expected an answer of answers.txt, received "maybe"'],
    [[['is it red?', 'no', 1]], 'question 0: expected the picture images/1.png'],
    [[['is it red?', 'no']], 'questions.json, 0'],
    [[['', 'no', 0]], 'questions.json, 0.0'],
    [{}, 'questions.json'],
    [[], 'questions.json'],
  ])('refuses questions such as %j', async (questions, message) => {
    await write('test', questions);
    const reading = readEasyVqa(folder);
    await expect(reading).rejects.toThrow(FileFormatError);
    await expect(reading).rejects.toThrow(message);
  });

  it('names a picture that cannot be decoded', async () => {
    const path = join(folder, 'test', 'images', '0.png');
    await writeFile(path, 'no picture');
    await expect(readEasyVqa(folder)).rejects.toThrow(`${path}: expected a picture that can be decoded`);
  });

  it('refuses what is no JSON, answers that are not told apart, and a split without questions', async () => {
    await writeFile(join(folder, 'test', 'questions.json'), '[["is');
    await expect(readEasyVqa(folder)).rejects.toThrow(FileFormatError);
    await rm(join(folder, 'test', 'questions.json'));
    await expect(readEasyVqa(folder)).rejects.toThrow(StorageError);
    await writeFile(join(folder, 'answers.txt'), 'yes\nno\nyes\n');
    await expect(readEasyVqa(folder)).rejects.toThrow('"yes" twice');
  });
});
