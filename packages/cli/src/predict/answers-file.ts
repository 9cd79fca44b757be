import { type FileHandle, open, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { asStorageError } from '@polymodal/core';
import type { Output } from '../surroundings';
import { type AnswerLine, type AnswerRow, answerRow, type LabelsOfHeads, plain } from './answer-row';
import { csvAnswers } from './csv-answers';

/** Where answers go. */
export interface Answers {
  add(line: AnswerLine): Promise<void>;
  close(): Promise<void>;
  /** Removes the new file, whose answers are not all there. */
  discard(): Promise<void>;
}

/** How a table of answers is written, by the end of a file's name. */
const tables: Readonly<Record<string, () => Promise<(rows: readonly AnswerRow[]) => Uint8Array>>> = {
  '.csv': async () => csvAnswers,
  '.parquet': async () => (await import('./parquet-answers')).parquetAnswers,
};

/** The ends of names that say how answers are written. */
export const answerEndings: readonly string[] = ['.jsonl', '.ndjson', ...Object.keys(tables)];

/**
 * Answers as lines of JSON, or as a table, CSV or Parquet, for a file that is called so, whose columns are those of all answers: a
 * probability for each label, and why there is none, where any has none.
 *
 * @param path of a new file; without one they go to the output
 * @throws StorageError for a file that cannot be made, or that is there
 */
export async function openAnswers(path: string | undefined, output: Output, labels: LabelsOfHeads): Promise<Answers> {
  if (path === undefined) return jsonLines(async (text) => void output.write(text));
  const written = await tables[extname(path).toLowerCase()]?.();
  const file = await stored(path, () => open(path, 'wx'));
  const write = (content: string | Uint8Array) => stored(path, () => file.writeFile(content));
  return inFile(written ? table(write, written, labels) : jsonLines(write), file, path);
}

function jsonLines(write: (text: string) => Promise<void>): Answers {
  return { add: (line) => write(`${JSON.stringify(line, plain)}\n`), async close() {}, async discard() {} };
}

/** Which columns there are is known at the end. */
function table(
  write: (content: Uint8Array) => Promise<void>,
  written: (rows: readonly AnswerRow[]) => Uint8Array,
  labels: LabelsOfHeads,
): Answers {
  const rows: AnswerRow[] = [];
  return {
    async add(line) {
      rows.push(answerRow(line, labels));
    },
    close: () => write(written(rows)),
    async discard() {},
  };
}

function inFile(made: Answers, file: FileHandle, path: string): Answers {
  return {
    add: (line) => made.add(line),
    async close() {
      await made.close();
      await stored(path, () => file.close());
    },
    async discard() {
      await file.close().catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}

async function stored<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw asStorageError(error, path, 'a new file');
  }
}
