import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { conversationForms } from '../conversation/conversation-binding';
import type { RowFaults } from '../manifest/manifest';
import type { Binding, ManifestOptions } from '../manifest/manifest-options';
import { openTable } from '../table/open-table';
import type { Table } from '../table/table';
import { isMissing } from '../values/missing-cells';
import { asClasses } from './class-column';
import { columnBinding } from './column-binding';
import { type ColumnKind, columnKind, type FoundKind } from './column-kind';
import { everyNth, type FoundFiles, findFiles } from './find-files';
import { findRoot } from './find-root';
import type { FoundColumn } from './found-column';
import { groupColumn } from './group-column';
import { partName } from './part-name';
import { type ProposedConversation, proposeConversation } from './propose-conversation';
import { askedTarget, isClass, type ProposedTarget, proposedTarget, targetOf } from './propose-target';
import { type SampledRow, sampleRows } from './sample-rows';

/** What a column is. */
export interface ColumnSchema extends FoundKind {
  readonly column: string;
  /** Rows that were looked at, and of these such as have a cell here. */
  readonly rows: number;
  readonly present: number;
  /** Different values among them. */
  readonly distinct: number;
  /** The first values, cut short. */
  readonly examples: readonly string[];
  /** What it is proposed for. */
  readonly role: 'slot' | 'target' | 'id' | 'split' | 'group' | 'none';
  /** Of pictures and sounds, of a hundred rows: which of their files are there. */
  readonly files?: FoundFiles;
}

/** A slot that a model may have. */
export interface ProposedSlot {
  /** The modality, as parts declare theirs. */
  readonly modality: 'image' | 'audio' | 'text' | 'row';
  readonly binding: Binding;
  /** Of a row: the kind of each column, as `columns` of `ft-transformer` takes it. */
  readonly columns?: Readonly<Record<string, 'number' | 'category' | 'date' | 'flag'>>;
}

/** What a table holds, and what a model might make of it. */
export interface ProposedSchema {
  readonly columns: readonly ColumnSchema[];
  /** Rows among those that were looked at that cannot be read, and tell nothing. */
  readonly faults: RowFaults;
  readonly slots: Readonly<Record<string, ProposedSlot>>;
  readonly targets: Readonly<Record<string, ProposedTarget>>;
  /** Where rows are conversations: the only slot is theirs then. */
  readonly conversation?: ProposedConversation;
  /** The column that says which part of the data a row belongs to. */
  readonly split?: string;
  /** The column that says whose a row is, where no other says the parts: the rows of a speaker or patient are not to be parted (`groupBy`). */
  readonly group?: string;
  /** What `openManifest` takes to make samples of it. */
  readonly manifest: Pick<ManifestOptions, 'slots' | 'targets' | 'id' | 'missing' | 'root'>;
}

/** What is known of a table beforehand. */
export interface ProposeOptions {
  /** The column that is to be learned. By default one that is called as targets are, or the last one. */
  readonly target?: string | undefined;
}

/** How many rows are looked at, and of how many of these the files are looked for. */
const lookedAt = 5000;
const filesLookedFor = 100;

/**
 * Says what the columns of a table hold, and proposes slots and targets. It looks at 5,000 rows from all over the table, and says why.
 *
 * ```ts
 * const { columns, manifest } = await proposeSchema('products.csv');
 * for (const { column, kind, why } of columns) console.log(column, kind, why);
 * const products = await openManifest('products.csv', manifest);
 * ```
 *
 * @throws what `openTable` throws, and the first fault where no row can be read
 * @throws UnknownNameError for a target that is no column, ConfigError for one that can be no target
 */
export async function proposeSchema(
  source: string | readonly string[] | Table,
  options: ProposeOptions = {},
): Promise<ProposedSchema> {
  const table = typeof source === 'object' && 'read' in source ? source : await openTable(source);
  if (table.length === 0) {
    throw new ConfigError({
      where: table.name,
      expected: 'a table with rows',
      received: 'one without any',
      hint:
        table.columns.length > 0
          ? `Its columns are ${table.columns.join(', ')}: is that line the only one?`
          : undefined,
    });
  }
  const { rows, faults } = await sampleRows(table, lookedAt);
  if (rows.length === 0) throw faults[0];
  const found = table.columns.map((column, place): FoundColumn => {
    const cells = rows.map((row) => row.cells[place]);
    const names = Object.hasOwn(table.classes ?? {}, column) ? table.classes?.[column] : undefined;
    return asClasses({ column, cells, ...columnKind(cells) }, names);
  });
  const missing = [...new Set(found.flatMap((own) => own.missing ?? []))];
  const split = found.find(
    ({ column, kind }) => /^(split|subset|fold|partition)$/i.test(column) && isClass(kind),
  )?.column;
  const ids = found.filter(({ kind }) => kind === 'id').map(({ column }) => column);
  const conversation = options.target === undefined ? proposeConversation(found, ids) : undefined;
  const said: readonly string[] = conversation ? conversationForms[conversation.binding.conversation].columns : [];
  const id = ids.find((column) => !said.includes(column)); // answers that differ name no rows
  const target = conversation
    ? undefined
    : options.target === undefined
      ? targetOf(found.filter(({ column }) => column !== split))
      : askedTarget(found, options.target);
  const group = conversation || split !== undefined ? undefined : groupColumn(found.filter((own) => own !== target));
  const others = found.filter(({ column }) => ![split, group, target?.column, noKey].includes(column));
  const isSaid = target?.kind === 'text'; // which stands in the recording alone, whoever speaks
  const inputs = isSaid ? others.filter(({ kind }) => kind === 'sound') : others;
  const slots: ProposedSchema['slots'] = conversation
    ? { [conversation.slot]: { modality: 'text', binding: conversation.binding } }
    : slotsOf(inputs);
  const targets = target ? { [partName(target.column)]: proposedTarget(target, inputs, slots, missing) } : {};
  const read = conversation
    ? inputs.filter(({ column }) => !conversation.binding.ignore?.includes(column) && column !== id)
    : inputs.filter(({ kind }) => isInput(kind));
  const used = new Set(read.map(({ column }) => column));
  const roleOf = (column: string): ColumnSchema['role'] => {
    if (column === split) return 'split';
    if (column === target?.column) return 'target';
    if (column === group) return 'group';
    if (column === id) return 'id';
    return used.has(column) ? 'slot' : 'none';
  };
  const looked = everyNth(rows, filesLookedFor);
  const { files, root } = await lookForFiles(looked, found, missing);
  return {
    columns: found.map((own) => columnSchema(own, roleOf(own.column), files.get(own.column))),
    faults: { count: faults.length, first: faults.slice(0, 100) },
    slots,
    targets,
    ...(conversation && { conversation }),
    ...(split !== undefined && { split }),
    ...(group !== undefined && { group }),
    manifest: {
      slots: bindingsOf(slots),
      targets: bindingsOf(targets),
      ...(id !== undefined && { id }),
      ...(missing.length > 0 && { missing }),
      ...(root !== undefined && { root }),
    },
  };
}

/** The files of each column that names such; and the folder beside the table where those of all columns lie, if none lies where its path says. */
async function lookForFiles(rows: readonly SampledRow[], found: readonly FoundColumn[], missing: readonly string[]) {
  const named = [...found.entries()].filter(([, { kind }]) => kind === 'picture' || kind === 'sound');
  const look = async (rows: readonly SampledRow[]) => {
    const files = new Map<string, FoundFiles>();
    for (const [place, { column }] of named) files.set(column, await findFiles(rows, column, place, missing));
    return files;
  };
  const files = await look(rows);
  if ([...files.values()].some((own) => own.found > 0)) return { files };
  const roots = await Promise.all(named.map(([place]) => findRoot(rows, place)));
  const [root] = roots;
  if (root === undefined || roots.some((own) => own !== root)) return { files };
  return { files: await look(rows.map((row) => ({ ...row, folder: join(row.folder, root) }))), root };
}

/** The one name that no key of a config can have, and so no column of a row. */
const noKey = '__proto__';

const rowKinds = ['number', 'category', 'date', 'flag'] as const;
type RowKind = (typeof rowKinds)[number];

function isRowKind(kind: ColumnKind): kind is RowKind {
  return (rowKinds as readonly string[]).includes(kind);
}

function isInput(kind: ColumnKind): boolean {
  return isRowKind(kind) || kind === 'picture' || kind === 'sound' || kind === 'text';
}

function slotsOf(inputs: readonly FoundColumn[]): Record<string, ProposedSlot> {
  const slots: Record<string, ProposedSlot> = {};
  for (const { column, kind } of inputs) {
    if (kind === 'text') slots[slotName(column, slots)] = { modality: 'text', binding: { column, as: 'text' } };
    if (kind !== 'picture' && kind !== 'sound') continue;
    const modality = kind === 'picture' ? 'image' : 'audio';
    slots[slotName(column, slots)] = { modality, binding: { column, as: 'file' } };
  }
  const row = inputs.filter((own): own is FoundColumn & { kind: RowKind } => isRowKind(own.kind));
  if (row.length > 0) {
    slots[slotName('row', slots)] = {
      modality: 'row',
      binding: { columns: row.map(columnBinding) },
      columns: Object.fromEntries(row.map(({ column, kind }) => [column, kind])),
    };
  }
  return slots;
}

/** A column's name without what says that it holds paths. */
function slotName(column: string, slots: Readonly<Record<string, unknown>>): string {
  const short = column.replace(/[_ -]?(path|file_?name|file|url|uri)s?$/i, '') || 'file';
  let name = partName(short);
  while (Object.hasOwn(slots, name)) name = `${name}_`;
  return name;
}

function bindingsOf(proposed: Readonly<Record<string, { readonly binding: Binding }>>): Record<string, Binding> {
  return Object.fromEntries(Object.entries(proposed).map(([name, { binding }]) => [name, binding]));
}

function columnSchema(
  { cells, classes: _, ...found }: FoundColumn,
  role: ColumnSchema['role'],
  files: FoundFiles | undefined,
): ColumnSchema {
  const there = cells.filter((cell) => !isMissing(cell, new Set(found.missing)));
  const texts = there.map((cell) => (cell instanceof Uint8Array ? `${cell.length} bytes` : textOf(cell)));
  return {
    ...found,
    ...(found.column === noKey && role === 'none' && { why: `${found.why}; no config can hold its name` }),
    rows: cells.length,
    present: there.length,
    distinct: new Set(texts).size,
    examples: [...new Set(texts)].slice(0, 3).map((text) => text.slice(0, 60)),
    role,
    ...(files && { files }),
  };
}

function textOf(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell !== 'object') return String(cell);
  const short = (_: string, value: unknown) => (value instanceof Uint8Array ? `${value.length} bytes` : value);
  return JSON.stringify(cell, (name, value) => (typeof value === 'bigint' ? String(value) : short(name, value)));
}
