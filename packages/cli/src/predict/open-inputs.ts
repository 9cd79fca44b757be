import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Sample } from '@polymodal/core';
import { formatOf, mediaOfName } from '@polymodal/data';
import { shownPath } from '../command/shown-path';
import { UsageError } from '../command/usage-error';
import type { ConfigFile } from '../config/config-file';
import { isFolder } from '../data/is-folder';
import { requireInput } from '../data/require-input';
import type { SlotModalities } from '../model/modalities-of';
import { fileSample } from './file-sample';
import { openAskedTable } from './open-asked-table';
import { valuesSample } from './values-sample';

/** How inputs are read. */
export interface InputOptions {
  readonly modalities: SlotModalities;
  /** Of the run that the model is from: it says what the columns of a table are. */
  readonly config: ConfigFile | undefined;
  /** The slot that files are for, where there may be several. */
  readonly slot: string | undefined;
  readonly directory: string;
  say(line: string): void;
  readonly signal: AbortSignal;
}

/** What a model is asked about, each with `meta: { input }`, by which answers call it. */
export interface OpenedInputs {
  readonly samples: AsyncIterable<Sample>;
  /** Rows of tables that could not be read. */
  readonly refused: number;
}

/**
 * Opens what a model is asked about: files, folders of files, tables, and values. What is wrong with any as a whole is said before the
 * first is answered.
 */
export async function openInputs(
  inputs: readonly string[],
  values: readonly string[],
  options: InputOptions,
): Promise<OpenedInputs> {
  const { directory, modalities, say } = options;
  if (inputs.length === 0 && values.length === 0) {
    throw new UsageError({
      where: 'predict',
      expected: 'files, folders or tables, or values',
      received: 'only a model',
      hint: `For example: polymodal predict <model> new.csv, or --value ${Object.keys(modalities)[0]}=…`,
    });
  }
  const sources: AsyncIterable<Sample>[] = [];
  let refused = 0;
  if (values.length > 0) sources.push(streamOf([valuesSample(values, modalities, directory)]));
  for (const input of inputs) {
    const path = resolve(directory, input);
    await requireInput(path, 'a file, a folder or a table');
    if (formatOf(path) !== undefined) {
      const table = await openAskedTable(path, input, options);
      refused += table.refused;
      sources.push(table.samples);
      continue;
    }
    const files = (await isFolder(path)) ? await filesIn(path, say) : [path];
    const samples: Sample[] = [];
    for (const file of files) samples.push(await fileSample(file, shownPath(file, directory), options));
    sources.push(streamOf(samples));
  }
  return { refused, samples: oneAfterTheOther(sources) };
}

async function* streamOf(samples: readonly Sample[]): AsyncGenerator<Sample> {
  yield* samples;
}

async function* oneAfterTheOther(sources: readonly AsyncIterable<Sample>[]): AsyncGenerator<Sample> {
  for (const source of sources) yield* source;
}

/** The pictures, sounds and texts of a folder and of those in it, in the order of their names. */
async function filesIn(folder: string, say: InputOptions['say']): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  const read = files.filter(({ name }) => mediaOfName(name) !== undefined || /\.(txt|md)$/i.test(name));
  if (read.length < files.length)
    say(`${folder}: ${files.length - read.length} files are no pictures, sounds or texts, and are passed over.`);
  return read.map(({ parentPath, name }) => resolve(parentPath, name)).sort();
}
