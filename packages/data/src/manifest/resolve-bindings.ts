import { ConfigError, unknownNames } from '@polymodal/core';
import { type ConversationBinding, conversationForms } from '../conversation/conversation-binding';
import type { ConversationReading } from '../conversation/read-conversation';
import { isFault, type Table } from '../table/table';
import { isMissing } from '../values/missing-cells';
import type { Decimal } from '../values/parse-number';
import { namesFile } from '../values/read-file-cell';
import type { CellKind } from '../values/read-value';
import type { Binding, ColumnBinding, ParsedManifestOptions } from './manifest-options';

/** A column of a table, and what its cells are taken for. */
export interface BoundColumn {
  readonly column: string;
  /** Its place among the columns. */
  readonly place: number;
  readonly as: CellKind;
  readonly decimal: Decimal;
}

/** Where the value of a slot or target comes from. */
export interface ResolvedBinding {
  /** Of the slot or target. */
  readonly name: string;
  readonly columns: readonly BoundColumn[];
  /** Whether the value is an object, with a value for each column. */
  readonly isRecord: boolean;
  /** How such an object is a conversation, where it is one. */
  readonly conversation?: ConversationReading;
}

/** What each sample is made of. */
export interface ResolvedBindings {
  readonly slots: readonly ResolvedBinding[];
  readonly targets: readonly ResolvedBinding[];
}

/** Rows that tell what a column holds. */
const lookedAt = 1000;

/**
 * Finds the columns of slots and targets, and which of the slots' hold files.
 *
 * @throws ConfigError for a column that there is not, with the nearest names, and for one of which some cells are files, where nothing says
 *   what it is
 */
export async function resolveBindings(table: Table, options: ParsedManifestOptions): Promise<ResolvedBindings> {
  const missing = new Set(options.missing);
  const filesOf = await fileShares(table, missing);
  const resolve = (group: 'slots' | 'targets') =>
    Object.entries(options[group]).map(([name, binding]) => {
      const where = `${group}.${name}`;
      if (isConversation(binding)) return conversationOf(name, binding, table, { ...options, where });
      const columns = columnsOf(binding).map(({ column, as, decimal = '.' }): BoundColumn => {
        const place = placeOf(column, table, where);
        return {
          column,
          place,
          decimal,
          as: as ?? (group === 'slots' ? kindOf(filesOf[place], column, where) : 'value'),
        };
      });
      return { name, columns, isRecord: typeof binding === 'object' && 'columns' in binding };
    });
  return { slots: resolve('slots'), targets: resolve('targets') };
}

function isConversation(binding: Binding): binding is ConversationBinding {
  return typeof binding === 'object' && 'conversation' in binding;
}

/** The columns of a conversation, and those that nobody has bound. */
function conversationOf(
  name: string,
  { conversation, values = {}, ignore = [] }: ConversationBinding,
  table: Table,
  { slots, targets, id, where }: ParsedManifestOptions & { readonly where: string },
): ResolvedBinding {
  const { columns: said, valuesBeside } = conversationForms[conversation];
  const own = [...said, ...(valuesBeside ? Object.values(values) : [])];
  placeOf(said[0], table, where);
  const others = Object.values<Binding>({ ...slots, ...targets });
  const bound = others.flatMap((one) => (isConversation(one) ? [] : columnsOf(one).map(({ column }) => column)));
  const known = new Set([...own, ...bound, ...ignore, 'id', id]);
  const columnOf = (column: string): BoundColumn => ({
    ...{ column, place: table.columns.indexOf(column), as: 'value', decimal: '.' },
  });
  const unknown = table.columns.filter((column) => !known.has(column));
  const reading = { conversation, values, ignore, host: name, unknown };
  const columns = [...own, ...unknown].filter((column) => table.columns.includes(column)).map(columnOf);
  return { name, columns, isRecord: true, conversation: reading };
}

function columnsOf(binding: Exclude<Binding, ConversationBinding>): readonly ColumnBinding[] {
  const named = (one: string | ColumnBinding) => (typeof one === 'string' ? { column: one } : one);
  if (typeof binding === 'object' && 'columns' in binding) return binding.columns.map(named);
  return [named(binding)];
}

/** The place of a column. @throws ConfigError for one that there is not, with the nearest names */
export function placeOf(column: string, table: Table, where: string): number {
  const place = table.columns.indexOf(column);
  if (place >= 0) return place;
  throw new ConfigError({ where, expected: `a column of ${table.name}`, ...unknownNames([column], table.columns) });
}

/** Of the first cells of each column: how many are files, and how many there are. */
interface FileShare {
  files: number;
  cells: number;
}

async function fileShares(table: Table, missing: ReadonlySet<string>): Promise<readonly FileShare[]> {
  const shares = table.columns.map((): FileShare => ({ files: 0, cells: 0 }));
  const all = new Set(table.columns.keys());
  for (let index = 0; index < Math.min(table.length, lookedAt); index++) {
    const row = await table.read(index, all);
    if (isFault(row)) continue;
    row.forEach((cell, place) => {
      if (isMissing(cell, missing)) return;
      shares[place].cells++;
      if (namesFile(cell)) shares[place].files++;
    });
  }
  return shares;
}

function kindOf({ files, cells }: FileShare, column: string, where: string): CellKind {
  if (files === 0) return 'value';
  if (files === cells) return 'file';
  throw new ConfigError({
    where,
    expected: 'a column of files, or one without any',
    received: `"${column}", of whose first ${cells} cells ${files} name pictures or sounds`,
    hint: `Say what it is: { column: "${column}", as: "file" }, or as: "text".`,
  });
}
