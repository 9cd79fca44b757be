import { isRecord, type Prediction } from '@polymodal/core';
import type { InputName } from './open-inputs';

/** An answer, or why there is none, and what it answers. */
export type AnswerLine = InputName & ({ readonly answer: Prediction } | { readonly error: string });

/** What the probabilities of heads are of, by the names of the heads. */
export type LabelsOfHeads = Readonly<Record<string, readonly string[]>>;

/** The cells of an answer in a table, by the names of their columns. */
export type AnswerRow = Readonly<Record<string, Cell>>;

/** What one cell holds; `null` where there is nothing. */
export type Cell = string | number | boolean | null;

/** `input`, `id`, `price.value`, `tone.label`, `tone.probabilities.glad`, `error`; other lists, and what lies deeper, as JSON. */
export function answerRow(line: AnswerLine, labels: LabelsOfHeads): AnswerRow {
  const { input, id } = line;
  const named = { input, ...(id !== undefined && { id }) };
  return 'answer' in line ? { ...named, ...cellsOf(line.answer, labels) } : { ...named, error: line.error };
}

/** The columns of all rows: names stand first, and errors last. */
export function columnsOf(rows: readonly AnswerRow[]): string[] {
  const place = (column: string) => ({ input: 0, id: 1, error: 3 })[column] ?? 2;
  return [...new Set(rows.flatMap(Object.keys))].sort((a, b) => place(a) - place(b));
}

/** For JSON: arrays of numbers are written as lists. */
export function plain(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value;
}

function cellsOf(answer: Prediction, labels: LabelsOfHeads): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  for (const [head, own] of Object.entries(answer)) {
    if (!isRecord(own)) cells[head] = cell(own);
    else
      for (const [name, value] of Object.entries(own)) {
        const column = `${head}.${name}`;
        if (name !== 'probabilities' || !Array.isArray(value) || value.length !== labels[head]?.length)
          cells[column] = cell(value);
        else labels[head].forEach((label, index) => (cells[`${column}.${label}`] = cell(value[index])));
      }
  }
  return cells;
}

function cell(value: unknown): Cell {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  return value === undefined || value === null ? null : JSON.stringify(value, plain);
}
