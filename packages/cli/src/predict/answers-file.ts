import { type FileHandle, open, rm } from 'node:fs/promises';
import { asStorageError, isRecord, type Prediction } from '@polymodal/core';
import type { Output } from '../surroundings';
import type { InputName } from './open-inputs';

/** An answer, or why there is none, and what it answers. */
type AnswerLine = InputName & ({ readonly answer: Prediction } | { readonly error: string });

/** What the probabilities of heads are of, by the names of the heads. */
export type LabelsOfHeads = Readonly<Record<string, readonly string[]>>;

/** Where answers go. */
export interface Answers {
  add(line: AnswerLine): Promise<void>;
  close(): Promise<void>;
  /** Removes the new file, whose answers are not all there. */
  discard(): Promise<void>;
}

/**
 * Answers as lines of JSON, or as CSV for a file that is called so, whose columns are those of all answers: a probability for each label,
 * and why there is none, where any has none.
 *
 * @param path of a new file; without one they go to the output
 * @throws StorageError for a file that cannot be made, or that is there
 */
export async function openAnswers(path: string | undefined, output: Output, labels: LabelsOfHeads): Promise<Answers> {
  if (path === undefined) return jsonLines(async (text) => void output.write(text));
  const file = await stored(path, () => open(path, 'wx'));
  const write = (text: string) => stored(path, async () => void (await file.write(text)));
  const made = path.toLowerCase().endsWith('.csv') ? csv(write, labels) : jsonLines(write);
  return inFile(made, file, path);
}

function jsonLines(write: (text: string) => Promise<void>): Answers {
  return { add: (line) => write(`${JSON.stringify(line, plain)}\n`), async close() {}, async discard() {} };
}

/** Which columns there are is known at the end. */
function csv(write: (text: string) => Promise<void>, labels: LabelsOfHeads): Answers {
  const rows: Record<string, string>[] = [];
  return {
    async add(line) {
      const { input, id } = line;
      const named = { input, ...(id !== undefined && { id }) };
      rows.push('answer' in line ? { ...named, ...cellsOf(line.answer, labels) } : { ...named, error: line.error });
    },
    async close() {
      const columns = [...new Set(rows.flatMap(Object.keys))].sort((a, b) => place(a) - place(b));
      const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
      await write(lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
    },
    async discard() {},
  };
}

/** Names stand first, and errors last. */
function place(column: string): number {
  return { input: 0, id: 1, error: 3 }[column] ?? 2;
}

/** `price.value`, `tone.label`, `tone.probabilities.glad`; other lists and what lies deeper as JSON. */
function cellsOf(answer: Prediction, labels: LabelsOfHeads): Record<string, string> {
  const cells: Record<string, string> = {};
  for (const [head, own] of Object.entries(answer)) {
    if (!isRecord(own)) cells[head] = text(own);
    else
      for (const [name, value] of Object.entries(own)) {
        const column = `${head}.${name}`;
        if (name !== 'probabilities' || !Array.isArray(value) || value.length !== labels[head]?.length)
          cells[column] = text(value);
        else labels[head].forEach((label, index) => (cells[`${column}.${label}`] = text(value[index])));
      }
  }
  return cells;
}

function text(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value, plain) : String(value ?? '');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Arrays of numbers are written as lists. */
function plain(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value;
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
