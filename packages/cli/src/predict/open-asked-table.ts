import { ConfigError, type Sample, suggestNames } from '@polymodal/core';
import { type Binding, type Manifest, type ManifestOptions, openManifest, openTable } from '@polymodal/data';
import { shownPath } from '../command/shown-path';
import { bindingOptions } from '../data/open-parts';
import type { InputOptions } from './open-inputs';

/**
 * Opens a table that a model is asked about. Its columns are bound as they were for training, those of targets not at all; without a run,
 * by the names of the slots. A column that is not there is a modality that is missing, and told.
 *
 * @throws ConfigError for a table without any column that the model knows
 */
export async function openAskedTable(path: string, input: string, options: InputOptions) {
  const { config, modalities, directory, say, signal } = options;
  const { slots, format, csv, missing }: Partial<ManifestOptions> = config ? bindingOptions(config.project) : {};
  const table = await openTable(path, { format, csv });
  const known = slots ?? Object.fromEntries(Object.keys(modalities).map((slot) => [slot, slot]));
  const bound: Record<string, Binding> = {};
  const lost: string[] = [];
  for (const [slot, binding] of Object.entries(known)) {
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
  const manifest = await openManifest(table, { slots: bound, missing, onError: 'skip', signal });
  for (const fault of manifest.faults.first) say(fault.message);
  return { samples: named(manifest, directory), refused: manifest.faults.count };
}

function columnsOf(binding: Binding) {
  const columns = typeof binding === 'object' && 'columns' in binding ? binding.columns : [binding];
  return columns.map((one) => (typeof one === 'string' ? { column: one } : one));
}

async function* named(manifest: Manifest, directory: string): AsyncGenerator<Sample> {
  for (let index = 0; index < manifest.length; index++) {
    yield { ...(await manifest.get(index)), meta: { input: shownPath(manifest.where(index), directory) } };
  }
}
