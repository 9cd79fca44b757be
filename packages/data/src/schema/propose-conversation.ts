import { isRecord } from '@polymodal/core';
import { type ConversationBinding, columnsOfForm } from '../conversation/conversation-binding';
import { isMissing } from '../values/missing-cells';
import { columnKind } from './column-kind';

/** Rows that are conversations. */
export interface ProposedConversation {
  /** The slot that they are values of. */
  readonly slot: string;
  readonly binding: ConversationBinding;
  /** The modality of each slot whose values stand in them. */
  readonly values: Readonly<Record<string, 'image' | 'audio'>>;
  /** By what they are known. */
  readonly why: string;
}

/** A column, and some of its cells. */
interface Column {
  readonly column: string;
  readonly cells: readonly unknown[];
}

/**
 * Whether rows are conversations, in one of the forms that `openManifest` reads; `undefined` where they are not.
 *
 * @param ids the columns that may name rows: the first that is no part of a conversation does
 */
export function proposeConversation(
  columns: readonly Column[],
  ids: readonly string[],
): ProposedConversation | undefined {
  const cellsOf = (name: string) =>
    columns.find(({ column }) => column === name)?.cells.filter((cell) => !isMissing(cell)) ?? [];
  const found = formOf(cellsOf);
  if (!found) return undefined;
  const { conversation, why } = found;
  const own: readonly string[] = columnsOfForm[conversation];
  const media =
    conversation === 'llava' ? columns.filter(({ column }) => !own.includes(column)) : fieldsOf(cellsOf('input'));
  const values: Record<string, 'image' | 'audio'> = {};
  const keys: Record<string, string> = {};
  for (const { column, cells } of media) {
    const { kind } = columnKind(cells.flat());
    if (kind !== 'picture' && kind !== 'sound') continue;
    const modality = kind === 'picture' ? 'image' : 'audio';
    const slot = Object.hasOwn(values, modality) ? `${modality}${Object.keys(values).length}` : modality;
    [values[slot], keys[slot]] = [modality, column];
  }
  const id = ids.find((column) => !own.includes(column));
  const taken = [...own, id, ...Object.values(keys)];
  const ignore = columns.map(({ column }) => column).filter((column) => !taken.includes(column));
  const binding = { conversation, values: keys, ...(ignore.length > 0 && { ignore }) };
  return { slot: 'text', binding, values, why };
}

function formOf(cellsOf: (column: string) => readonly unknown[]) {
  const conversations = cellsOf('conversations');
  const isTurn = (turn: unknown) => isRecord(turn) && 'from' in turn && 'value' in turn;
  if (conversations.length > 0 && conversations.every((cell) => Array.isArray(cell) && cell.every(isTurn)))
    return { conversation: 'llava', why: 'each cell is a list of turns, as in the data of LLaVA' } as const;
  const areTexts = (column: string) =>
    cellsOf(column).length > 0 && cellsOf(column).every((cell) => typeof cell === 'string');
  if (areTexts('instruction') && areTexts('output'))
    return { conversation: 'instruction', why: 'instructions with their outputs' } as const;
  return undefined;
}

/** What objects have under each of their keys, as columns. */
function fieldsOf(cells: readonly unknown[]): Column[] {
  const objects = cells.filter(isRecord);
  const keys = [...new Set(objects.flatMap((own) => Object.keys(own)))].filter(
    (key) => key !== 'history' && key !== 'text',
  );
  return keys.map((column) => ({
    column,
    cells: objects.map((own) => own[column]).filter((cell) => cell !== undefined),
  }));
}
