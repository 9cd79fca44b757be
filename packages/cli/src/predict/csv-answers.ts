import { type AnswerRow, type Cell, columnsOf } from './answer-row';

/** Answers as CSV, with a line of columns first. */
export function csvAnswers(rows: readonly AnswerRow[]): Uint8Array {
  const columns = columnsOf(rows);
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))];
  return new TextEncoder().encode(lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
}

function quoted(cell: Cell): string {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
