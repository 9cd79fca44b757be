import { isRecord } from '@polymodal/core';
import {
  type ConversationBinding,
  type ConversationForm,
  conversationForms,
} from '../conversation/conversation-binding';
import { kindOfPart, valueOfPart } from '../conversation/value-of-part';
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
  const { columns: own, valuesBeside } = conversationForms[conversation];
  const media = valuesBeside
    ? [...columns.filter(({ column }) => !own.includes(column)), ...partsOf(cellsOf('messages'))]
    : fieldsOf(cellsOf('input'));
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

function formOf(
  cellsOf: (column: string) => readonly unknown[],
): { readonly conversation: ConversationForm; readonly why: string } | undefined {
  const conversations = shareOf(cellsOf('conversations'), areTurns('from', 'value'));
  if (isMost(conversations))
    return { conversation: 'llava', why: `${said(conversations)} a list of turns, as in the data of LLaVA` };
  const messages = shareOf(cellsOf('messages'), areTurns('role', 'content'));
  if (isMost(messages))
    return { conversation: 'messages', why: `${said(messages)} a list of messages with a role and a content` };
  const areTexts = (column: string) => isMost(shareOf(cellsOf(column), (cell) => typeof cell === 'string'));
  if (areTexts('instruction') && areTexts('output'))
    return { conversation: 'instruction', why: 'instructions with their outputs' };
  return undefined;
}

function areTurns(...keys: readonly string[]) {
  return (cell: unknown) =>
    Array.isArray(cell) && cell.every((turn) => isRecord(turn) && keys.every((key) => key in turn));
}

/** How many cells are of a kind. A few damaged ones do not make the rest something else: they are faults of their rows. */
interface Share {
  readonly are: number;
  readonly cells: number;
}

function shareOf(cells: readonly unknown[], isOfKind: (cell: unknown) => boolean): Share {
  return { are: cells.filter(isOfKind).length, cells: cells.length };
}

function isMost({ are, cells }: Share): boolean {
  return are > cells / 2;
}

function said({ are, cells }: Share): string {
  return are === cells ? 'each cell is' : `${are} of ${cells} cells are each`;
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

/** What parts of messages' contents have with them, by their types, as columns. */
function partsOf(cells: readonly unknown[]): Column[] {
  const parts = cells
    .flat()
    .filter(isRecord)
    .flatMap(({ content }) => (Array.isArray(content) ? content.filter(isRecord) : []))
    .map(({ type, ...rest }) => ({ kind: kindOfPart(String(type)), value: valueOfPart(String(type), rest) }))
    .filter(({ kind, value }) => kind !== 'text' && value !== undefined);
  const kinds = [...new Set(parts.map(({ kind }) => kind))];
  return kinds.map((column) => ({
    column,
    cells: parts.filter(({ kind }) => kind === column).map(({ value }) => value),
  }));
}
