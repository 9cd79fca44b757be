import { ConfigError, isRecord, suggestNames, UnknownNameError } from '@polymodal/core';
import { conversationForms } from '../conversation/conversation-binding';
import type { RowFaults } from '../manifest/manifest';
import type { Binding, ColumnBinding, ManifestOptions } from '../manifest/manifest-options';
import { openTable } from '../table/open-table';
import type { Table } from '../table/table';
import { isMissing } from '../values/missing-cells';
import { type ColumnKind, columnKind, type FoundKind } from './column-kind';
import { everyNth, type FoundFiles, findFiles } from './find-files';
import { type ProposedConversation, proposeConversation } from './propose-conversation';
import { sampleRows } from './sample-rows';

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
  readonly role: 'slot' | 'target' | 'id' | 'split' | 'none';
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

/** A target that a model may have. */
export interface ProposedTarget {
  /** Classes, a number, or labelled spans of a text. */
  readonly kind: 'category' | 'number' | 'spans';
  readonly binding: Binding;
  /** The values that were seen, of a category, or the labels of spans. */
  readonly labels?: readonly string[];
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
  /** What `openManifest` takes to make samples of it. */
  readonly manifest: Pick<ManifestOptions, 'slots' | 'targets' | 'id' | 'missing'>;
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
  const found = table.columns.map((column, place): Found => {
    const cells = rows.map((row) => row.cells[place]);
    return { column, cells, ...columnKind(cells) };
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
  const inputs = found.filter(({ column }) => ![split, target?.column, noKey].includes(column));
  const slots: ProposedSchema['slots'] = conversation
    ? { [conversation.slot]: { modality: 'text', binding: conversation.binding } }
    : slotsOf(inputs);
  const targets = target ? { [partName(target.column)]: proposedTarget(target, missing) } : {};
  const read = conversation
    ? inputs.filter(({ column }) => !conversation.binding.ignore?.includes(column) && column !== id)
    : inputs.filter(({ kind }) => isInput(kind));
  const used = new Set(read.map(({ column }) => column));
  const roleOf = (column: string): ColumnSchema['role'] => {
    if (column === split) return 'split';
    if (column === target?.column) return 'target';
    if (column === id) return 'id';
    return used.has(column) ? 'slot' : 'none';
  };
  const looked = everyNth(rows, filesLookedFor);
  const files = new Map<string, FoundFiles>();
  for (const [place, { column, kind }] of found.entries())
    if (kind === 'picture' || kind === 'sound') files.set(column, await findFiles(looked, column, place, missing));
  return {
    columns: found.map((own) => columnSchema(own, roleOf(own.column), files.get(own.column))),
    faults: { count: faults.length, first: faults.slice(0, 100) },
    slots,
    targets,
    ...(conversation && { conversation }),
    ...(split !== undefined && { split }),
    manifest: {
      slots: bindingsOf(slots),
      targets: bindingsOf(targets),
      ...(id !== undefined && { id }),
      ...(missing.length > 0 && { missing }),
    },
  };
}

/** A column, the cells that were looked at, and what they are. */
interface Found extends FoundKind {
  readonly column: string;
  readonly cells: readonly unknown[];
}

/** The one name that no key of a config can have, and so no column of a row. */
const noKey = '__proto__';

/** A column that is called so is what is to be learned. */
const targetNames = /^(labels?|class|classes|targets?|y|outcome|diagnosis|rating|score|cls|spans|entities)$/i;

/** The column that is called as targets are, or else the last one, where people put them. */
function targetOf(found: readonly Found[]): Found | undefined {
  const able = found.filter((own) => isClass(own.kind) || own.kind === 'number' || spanLabels(own) !== undefined);
  const last = found.filter(({ kind }) => kind !== 'empty' && kind !== 'constant').at(-1);
  return able.find(({ column }) => targetNames.test(column)) ?? able.find((own) => own === last);
}

function askedTarget(found: readonly Found[], column: string): Found {
  const columns = found.map((own) => own.column);
  const target = found.find((own) => own.column === column);
  if (!target) {
    throw new UnknownNameError({
      where: 'target',
      expected: 'a column of the table',
      received: `"${column}"`,
      hint: suggestNames(column, columns),
    });
  }
  if (isClass(target.kind) || target.kind === 'number' || spanLabels(target)) return target;
  throw new ConfigError({
    where: 'target',
    expected: 'a column of classes, numbers or spans of a text, [{ start, end, label }]',
    received: `"${column}", a column of kind ${target.kind} (${target.why})`,
    hint: 'Other targets are learned by heads that a config names itself: texts by `ctc` (what is said) and `text-decoder`, answers in a text by `span`.',
  });
}

function isClass(kind: ColumnKind): boolean {
  return kind === 'category' || kind === 'flag';
}

const rowKinds = ['number', 'category', 'date', 'flag'] as const;
type RowKind = (typeof rowKinds)[number];

function isRowKind(kind: ColumnKind): kind is RowKind {
  return (rowKinds as readonly string[]).includes(kind);
}

function isInput(kind: ColumnKind): boolean {
  return isRowKind(kind) || kind === 'picture' || kind === 'sound' || kind === 'text';
}

function slotsOf(inputs: readonly Found[]): Record<string, ProposedSlot> {
  const slots: Record<string, ProposedSlot> = {};
  for (const { column, kind } of inputs) {
    if (kind === 'text') slots[slotName(column, slots)] = { modality: 'text', binding: { column, as: 'text' } };
    if (kind !== 'picture' && kind !== 'sound') continue;
    const modality = kind === 'picture' ? 'image' : 'audio';
    slots[slotName(column, slots)] = { modality, binding: { column, as: 'file' } };
  }
  const row = inputs.filter((own): own is Found & { kind: RowKind } => isRowKind(own.kind));
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

/** Names with a meaning of their own in samples and models. */
const taken: readonly string[] = ['targets', 'meta', 'fused'];

/** A column's name as that of a part of a model may be: ASCII letters, digits and `_`, behind a letter. */
function partName(column: string): string {
  const plain = column.replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const name = plain.replaceAll(/[^A-Za-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, '');
  const isFree = /^[A-Za-z]/.test(name) && !taken.includes(name) && !(name in Object.prototype);
  return isFree ? name : `column_${name}`.replace(/_$/, '');
}

function columnBinding({ column, kind, decimal = '.' }: Found): string | ColumnBinding {
  if (kind === 'number') return { column, as: 'number', ...(decimal === ',' && { decimal }) };
  return kind === 'flag' ? { column, as: 'flag' } : column;
}

function proposedTarget(found: Found, missing: readonly string[]): ProposedTarget {
  if (found.kind === 'number') return { kind: 'number', binding: columnBinding(found) };
  const ofSpans = spanLabels(found);
  if (ofSpans) return { kind: 'spans', binding: { column: found.column, as: 'value' }, labels: ofSpans };
  const labels = new Set(found.cells.filter((cell) => !isMissing(cell, new Set(missing))).map((cell) => String(cell)));
  return { kind: 'category', binding: { column: found.column, as: 'text' }, labels: [...labels].sort() };
}

/** The labels of a column of spans, lists of `{ start, end, label }`; undefined of another one. */
function spanLabels({ kind, cells }: Found): readonly string[] | undefined {
  if (kind !== 'list') return undefined;
  const spans = cells.filter((cell) => Array.isArray(cell)).flat();
  const isSpan = (span: unknown): span is { label: string } =>
    isRecord(span) && typeof span.label === 'string' && Number.isInteger(span.start) && Number.isInteger(span.end);
  if (spans.length === 0 || !spans.every(isSpan)) return undefined;
  return [...new Set(spans.map(({ label }) => label))].sort();
}

function bindingsOf(proposed: Readonly<Record<string, { readonly binding: Binding }>>): Record<string, Binding> {
  return Object.fromEntries(Object.entries(proposed).map(([name, { binding }]) => [name, binding]));
}

function columnSchema(
  { cells, ...found }: Found,
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
