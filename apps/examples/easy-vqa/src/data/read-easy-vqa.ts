import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asStorageError, describeValue, FileFormatError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import type { PictureQuestion } from './picture-question';
import { readPictures } from './read-pictures';

/** A set of questions in its official split. */
export interface EasyVqa {
  /** All answers that there are, in the order of the set. */
  readonly answers: readonly string[];
  readonly train: readonly PictureQuestion[];
  readonly test: readonly PictureQuestion[];
}

/**
 * Reads easy-VQA from a folder as its package has it: `answers.txt`, and for each split `questions.json` and `images/<number>.png`.
 *
 * @throws StorageError for a file that is not there or cannot be read
 * @throws FileFormatError for a folder or file of another layout, an answer that is not among the answers, a question without its
 *   picture, or a picture that cannot be decoded
 */
export async function readEasyVqa(folder: string, signal?: AbortSignal): Promise<EasyVqa> {
  await requireParts(folder);
  const answers = await readAnswers(join(folder, 'answers.txt'));
  const [train, test] = await Promise.all(
    ['train', 'test'].map((split) => readSplit(join(folder, split), new Set(answers), signal)),
  );
  return { answers, train, test };
}

async function requireParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const lacking = ['answers.txt', 'train', 'test'].filter((name) => !names.includes(name));
  if (lacking.length === 0) return;
  throw new FileFormatError({
    where: folder,
    expected: 'the folder "data" of easy-VQA, with answers.txt, train and test',
    received: `${names.length === 0 ? 'no folder, or an empty one' : `one without ${lacking.join(', ')}`}`,
    hint: 'It comes as a Python package: pip download --no-deps easy-vqa==1.0, unzip it, and name its folder easy_vqa/data.',
  });
}

async function readAnswers(path: string): Promise<string[]> {
  const content = await readRegularFile(path, { maxBytes: 2 ** 20 });
  const answers = new TextDecoder()
    .decode(content)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const again = answers.find((answer, index) => answers.indexOf(answer) !== index);
  if (answers.length >= 2 && again === undefined) return answers;
  throw new FileFormatError({
    where: path,
    expected: 'two answers or more, each on a line of its own, and once',
    received: again === undefined ? `${answers.length} of them` : `${describeValue(again)} twice`,
  });
}

const questionFile = z.array(z.tuple([z.string().min(1), z.string(), z.int().min(0)])).min(1);

async function readSplit(
  folder: string,
  answers: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<PictureQuestion[]> {
  const path = join(folder, 'questions.json');
  const content = await readRegularFile(path, { maxBytes: 2 ** 28 });
  const rows = parseJsonFile(content, path, questionFile);
  const images = join(folder, 'images');
  const there = new Set(await listed(images));
  rows.forEach(([, answer, number], index) => {
    const where = `${path}, question ${index}`;
    if (!answers.has(answer)) {
      throw new FileFormatError({ where, expected: 'an answer of answers.txt', received: describeValue(answer) });
    }
    if (there.has(nameOf(number))) return;
    throw new FileFormatError({ where, expected: `the picture images/${nameOf(number)}`, received: 'no such file' });
  });
  const pictures = await readPictures(images, [...new Set(rows.map(([, , number]) => nameOf(number)))], signal);
  return rows.map(([question, answer, number]) => ({ image: pictures.get(nameOf(number))!, question, answer }));
}

const nameOf = (picture: number) => `${picture}.png`;

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw asStorageError(error, folder, 'a folder of pictures');
  }
}
