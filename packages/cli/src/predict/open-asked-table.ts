import { ConfigError, PolymodalError, type Sample, suggestNames } from '@polymodal/core';
import {
  type Binding,
  type Cells,
  type Manifest,
  type ManifestOptions,
  openManifest,
  openTable,
  type Table,
} from '@polymodal/data';
import { shownPath } from '../command/shown-path';
import { bindingOptions } from '../data/open-parts';
import { withoutAnswers } from './asked-conversation';
import type { InputName, InputOptions, RefusedInput } from './open-inputs';

/**
 * Opens a table that a model is asked about. Its columns are bound as they were for training, those of targets not at all, nor the answers that conversations end with; without a run,
 * by the names of the slots. A column that is not there is a modality that is missing, and told.
 *
 * @throws ConfigError for a table without any column that the model knows
 */
export async function openAskedTable(path: string, input: string, options: InputOptions) {
  const { config, modalities, directory, say, addresses, signal } = options;
  const { slots, id, root, format, csv, parquet, missing }: Partial<ManifestOptions> = config
    ? bindingOptions(config.project)
    : {};
  const table = await openTable(path, { format, csv, parquet });
  const known = slots ?? Object.fromEntries(Object.keys(modalities).map((slot) => [slot, slot]));
  const bound: Record<string, Binding> = {};
  const lost: string[] = [];
  for (const [slot, binding] of Object.entries(known)) {
    if (typeof binding === 'object' && 'conversation' in binding) {
      bound[slot] = binding;
      continue;
    }
    const columns = columnsOf(binding);
    const present = columns.filter(({ column }) => table.columns.includes(column));
    lost.push(...columns.filter((own) => !present.includes(own)).map(({ column }) => column));
    if (present.length === 0) continue;
    bound[slot] = typeof binding === 'object' && 'columns' in binding ? { columns: present } : binding;
  }
  if (Object.keys(bound).length === 0) {
    throw new ConfigError({
      where: input,
      expected: `a table with columns that the model knows: ${lost.join(', ')}`,
      received: `one with ${table.columns.join(', ')}`,
      hint: suggestNames(lost[0], table.columns),
    });
  }
  for (const column of lost)
    say(`${input}: there is no column "${column}", so it counts as empty. ${suggestNames(column, table.columns)}`);
  const manifest = await openManifest(table, {
    slots: bound,
    ...(id !== undefined && table.columns.includes(id) && { id }),
    root,
    missing,
    ...addresses,
    onError: 'skip',
    signal,
  });
  for (const fault of manifest.faults.first) say(fault.message);
  const name = namesOfRows(table, id, directory);
  return { count: manifest.length, samples: named(manifest, name, bound), refused: await refusedRows(manifest, name) };
}

/** How answers call a row: by its place, and by the column that names rows. */
type NameRow = (where: string, cells: Cells | undefined) => InputName;

function namesOfRows({ columns }: Table, id: string | undefined, directory: string): NameRow {
  const place = id === undefined ? -1 : columns.indexOf(id);
  return (where, cells) => {
    const input = shownPath(where, directory);
    const cell = cells?.[place];
    return cell === undefined || cell === null ? { input } : { input, id: String(cell) };
  };
}

/** The rows that are not among the samples of a manifest, each before the sample that follows it. */
async function refusedRows(manifest: Manifest, name: NameRow): Promise<RefusedInput[]> {
  const { table, faults } = manifest;
  const refused: RefusedInput[] = [];
  for (let row = 0, before = 0; refused.length < faults.count; row++) {
    const where = table.where(row);
    if (before < manifest.length && manifest.where(before) === where) {
      before++;
      continue;
    }
    const cells = await table.read(row);
    const error =
      faults.first[refused.length]?.message ?? 'cannot be read; of the first hundred such rows it is said why';
    refused.push({ ...name(where, PolymodalError.isInstance(cells) ? undefined : cells), before, error });
  }
  return refused;
}

function columnsOf(binding: Exclude<Binding, { readonly conversation: string }>) {
  const columns = typeof binding === 'object' && 'columns' in binding ? binding.columns : [binding];
  return columns.map((one) => (typeof one === 'string' ? { column: one } : one));
}

async function* named(
  manifest: Manifest,
  name: NameRow,
  bindings: Readonly<Record<string, Binding>>,
): AsyncGenerator<Sample> {
  for (let index = 0; index < manifest.length; index++) {
    const { sample, cells } = await manifest.read(index);
    yield { ...withoutAnswers(sample, bindings), meta: { ...name(manifest.where(index), cells) } };
  }
}
