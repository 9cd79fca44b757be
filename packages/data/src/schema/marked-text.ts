import { isRecord } from '@polymodal/core';
import { isMissing } from '../values/missing-cells';
import type { FoundColumn } from './found-column';

/** Places in a text: labelled spans of it, or answers as they stand there. */
type MarkKind = 'spans' | 'answer';

/** Where something stands in a text, in units of UTF-16, or, as SQuAD has it, of code points. */
interface Mark {
  readonly start: number;
  readonly end: number;
  /** What stands there, where that is said. */
  readonly text?: string;
  readonly label?: string;
  readonly inCodePoints?: boolean;
}

/** What the cell of a row marks. */
export interface MarkedText {
  readonly row: number;
  readonly marks: readonly Mark[];
}

/** Of so many rows it is looked whether what is marked stands in a text. */
const lookedAt = 200;

/** Whether cells are lists of `{ start, end, label }`. A few damaged ones do not make the rest something else: they are faults of their rows. */
export function areSpans({ cells }: FoundColumn): boolean {
  return isMost(cells, 'spans');
}

/** The column in whose texts stands what a column marks: the one where most of it does; undefined where there is none. */
export function textOfMarks(
  { column, cells }: FoundColumn,
  found: readonly FoundColumn[],
  kind: MarkKind,
): FoundColumn | undefined {
  if (!isMost(cells, kind)) return undefined;
  const looked = markedIn(cells, kind)
    .filter(({ marks }) => marks.length > 0)
    .slice(0, lookedAt);
  const fits = (own: FoundColumn) =>
    looked.filter(({ row, marks }) => marks.every((mark) => standsIn(own.cells[row], mark))).length;
  let [best, most] = [undefined as FoundColumn | undefined, looked.length / 2];
  for (const own of found) {
    if (own.kind !== 'text' || own.column === column) continue;
    const count = fits(own);
    if (count > most) [best, most] = [own, count];
  }
  return best;
}

/** What each cell marks, of those that mark anything of a kind. */
export function markedIn(cells: readonly unknown[], kind: MarkKind): MarkedText[] {
  return cells.flatMap((cell, row) => {
    const marks = isMissing(cell) ? undefined : marksOf(cell, kind);
    return marks ? [{ row, marks }] : [];
  });
}

function isMost(cells: readonly unknown[], kind: MarkKind): boolean {
  const marked = markedIn(cells, kind);
  const there = cells.filter((cell) => !isMissing(cell)).length;
  return marked.length > there / 2 && marked.some(({ marks }) => marks.length > 0);
}

function marksOf(cell: unknown, kind: MarkKind): Mark[] | undefined {
  if (kind === 'answer' && isRecord(cell) && 'answer_start' in cell) return marksOfSquad(cell);
  const own = Array.isArray(cell) ? cell : kind === 'answer' ? [cell] : undefined;
  const marks = own?.map((one) => markOf(one, kind));
  return marks?.every((mark) => mark !== undefined) ? marks : undefined;
}

function markOf(one: unknown, kind: MarkKind): Mark | undefined {
  if (!isRecord(one) || !Number.isInteger(one.start)) return undefined;
  const [start, text] = [one.start as number, typeof one.text === 'string' ? one.text : undefined];
  const end = Number.isInteger(one.end) ? (one.end as number) : text !== undefined && start + text.length;
  if (end === false) return undefined;
  if (kind === 'answer') return 'label' in one ? undefined : { start, end, ...(text !== undefined && { text }) };
  if (typeof one.label !== 'string' || !Number.isInteger(one.end)) return undefined;
  return { start, end, label: one.label, ...(text !== undefined && { text }) };
}

function marksOfSquad({ text: texts, answer_start: starts }: Readonly<Record<string, unknown>>): Mark[] | undefined {
  if (!Array.isArray(texts) || !Array.isArray(starts) || texts.length !== starts.length) return undefined;
  return texts.map((text, place) => {
    const start = Number(starts[place]);
    return { start, end: start + [...String(text)].length, text: String(text), inCodePoints: true };
  });
}

function standsIn(cell: unknown, { start, end, text, inCodePoints }: Mark): boolean {
  if (typeof cell !== 'string') return false;
  const units = inCodePoints ? [...cell] : cell;
  if (start < 0 || end > units.length) return false;
  const own = typeof units === 'string' ? units.slice(start, end) : units.slice(start, end).join('');
  return text === undefined || text === own;
}
