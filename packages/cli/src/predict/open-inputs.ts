import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileFormatError, type Sample } from '@polymodal/core';
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
  /** Rows of tables, and texts, that could not be read. */
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
    for (const file of files) {
      try {
        samples.push(await fileSample(file, shownPath(file, directory), options));
      } catch (error) {
        if (!FileFormatError.isInstance(error)) throw error;
        refused++;
        say(error.message);
      }
    }
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

/** The pictures, sounds and texts of a folder and of those in it, in the order of their names. Links to files are followed. */
async function filesIn(folder: string, say: InputOptions['say']): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  let others = 0;
  for (const entry of entries) {
    if (entry.isDirectory() || entry.name.startsWith('.')) continue;
    const isAsked = mediaOfName(entry.name) !== undefined || /\.(txt|md)$/i.test(entry.name);
    if (isAsked && (await isFile(entry))) files.push(pathOf(entry));
    else others++;
  }
  if (others > 0) {
    const what = others === 1 ? '1 entry is' : `${others} entries are`;
    say(`${folder}: ${what} no picture, sound or text, nor a link to one, and passed over.`);
  }
  return files.sort();
}

async function isFile(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return (await stat(pathOf(entry)).catch(() => undefined))?.isFile() ?? false;
}

function pathOf({ parentPath, name }: Dirent): string {
  return resolve(parentPath, name);
}
