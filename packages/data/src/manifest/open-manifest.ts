import { isRecord, PolymodalError, parseConfig, requireArgument, together } from '@polymodal/core';
import { openTable } from '../table/open-table';
import { isFault, type Table } from '../table/table';
import { type BindRowOptions, bindRow } from './bind-row';
import { fetchFiles } from './fetch-files';
import { Manifest } from './manifest';
import { type ManifestOptions, manifestOptions, type ParsedManifestOptions } from './manifest-options';
import { placeOf, type ResolvedBindings, resolveBindings } from './resolve-bindings';

/** Rows that are looked at at a time: enough to keep a file system busy. */
const atOnce = 64;

/** Faults that are kept to be told. */
const mostTold = 100;

/**
 * Opens a manifest: a table whose columns are bound to the slots and targets of a model. An empty cell is a modality, or target, that is
 * missing. Every row is looked at once, so that a bad one is known, with its file and line, before anything is learned; pictures and
 * sounds are read when samples are prepared.
 *
 * ```ts
 * const products = await openManifest('products.csv', {
 *   slots: { photo: 'photo_path', title: 'title' },
 *   targets: { price: { column: 'price', as: 'number' } },
 *   onError: 'skip',
 * });
 * console.log(products.length, products.faults.count, products.faults.first[0]?.message);
 * await train(model, { data: products });
 * ```
 *
 * @throws ConfigError for options that are none, and a column that there is not, with the nearest name
 * @throws SampleError for a bad row, unless `onError: 'skip'`, or if there is no good one
 * @throws FileFormatError for a file that is no such table, as a whole
 * @throws StorageError for what cannot be opened
 */
export async function openManifest(
  source: string | readonly string[] | Table,
  options: ManifestOptions,
): Promise<Manifest> {
  requireArgument(isRecord(options), 'openManifest', 'options with slots', options);
  const { format, csv, parquet, ...own } = options;
  const parsed = parseConfig(manifestOptions, own, 'openManifest');
  const table = isTable(source) ? source : await openTable(source, { format, csv, parquet });
  const { id } = parsed;
  if (id !== undefined) placeOf(id, table, 'id');
  const bindings = await resolveBindings(table, parsed);
  const binding: BindRowOptions = {
    root: parsed.root ?? '.',
    missing: new Set(parsed.missing),
    mayFetch: parsed.fetch !== undefined,
  };
  const { rows, faults } = await goodRows(table, bindings, binding, parsed);
  return new Manifest({ table, bindings, binding, fetch: parsed.fetch, id, rows, faults });
}

function isTable(source: unknown): source is Table {
  return isRecord(source) && typeof source.read === 'function';
}

async function goodRows(
  table: Table,
  bindings: ResolvedBindings,
  binding: BindRowOptions,
  options: ParsedManifestOptions,
) {
  const { onError, signal } = options;
  const unread = options.check ? undefined : filesOnly(bindings); // whether they are there is enough
  const rows: number[] = [];
  const first: PolymodalError[] = [];
  let count = 0;
  for (let start = 0; start < table.length; start += atOnce) {
    signal?.throwIfAborted();
    const indices = Array.from({ length: Math.min(atOnce, table.length - start) }, (_, place) => start + place);
    const faults = await Promise.all(
      indices.map((index) => faultOf(table, index, { bindings, binding, options, unread })),
    );
    indices.forEach((index, place) => {
      const fault = faults[place];
      if (fault === undefined) {
        rows.push(index);
        return;
      }
      count++;
      if (first.length < mostTold) first.push(fault);
    });
    if (count > 0 && onError === 'throw') throw together(first);
  }
  if (rows.length === 0 && count > 0) throw together(first);
  return { rows: Uint32Array.from(rows), faults: { count, first } };
}

/** The places of columns that are taken for nothing but files. */
function filesOnly({ slots, targets }: ResolvedBindings): ReadonlySet<number> {
  const columns = [...slots, ...targets].flatMap((own) => own.columns);
  const read = new Set(columns.filter(({ as }) => as !== 'file').map(({ place }) => place));
  return new Set(columns.map(({ place }) => place).filter((place) => !read.has(place)));
}

/** How a row is looked at. */
interface LookOptions {
  readonly bindings: ResolvedBindings;
  readonly binding: BindRowOptions;
  readonly options: ParsedManifestOptions;
  readonly unread: ReadonlySet<number> | undefined;
}

async function faultOf(
  table: Table,
  index: number,
  { bindings, binding, options: { check, fetch, fetchFirst }, unread }: LookOptions,
): Promise<PolymodalError | undefined> {
  const row = await table.read(index, unread);
  if (isFault(row)) return row;
  const where = table.where(index);
  try {
    const sample = await bindRow({ cells: row, folder: table.folder(index), where }, bindings, binding);
    if (!check && !fetchFirst) return undefined;
    const fetched = await fetchFiles(sample, bindings, fetch, where);
    await check?.(fetched);
    return undefined;
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    return error.where?.startsWith(where)
      ? error
      : error.at(error.where === undefined ? where : `${where}, ${error.where}`);
  }
}
