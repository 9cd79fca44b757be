import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileFormatError, type Sample } from '@polymodal/core';
import { formatOf, isAddress, type ManifestOptions, mediaOfName } from '@polymodal/data';
import { shownPath } from '../command/shown-path';
import { UsageError } from '../command/usage-error';
import type { ConfigFile } from '../config/config-file';
import { isFolder } from '../data/is-folder';
import { requireInput } from '../data/require-input';
import type { SlotModalities } from '../model/modalities-of';
import { takesFile } from '../model/takes-file';
import { asConversation } from './asked-conversation';
import { fileSample, unknownSlot } from './file-sample';
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
  /** How the files of addresses are read. */
  readonly addresses: Required<Pick<ManifestOptions, 'fetch' | 'fetchFirst'>>;
  readonly signal: AbortSignal;
}

/** By which an answer calls what it answers. */
export interface InputName {
  /** A file, a row's place in its table, or values. */
  readonly input: string;
  /** What the column that names rows says. */
  readonly id?: string;
}

/** A row of a table, or a text, that could not be read. */
export interface RefusedInput extends InputName {
  readonly error: string;
  /** How many samples stand before it. */
  readonly before: number;
}

/** What a model is asked about. */
export interface OpenedInputs {
  /** Each with an {@link InputName} for its `meta`. */
  readonly samples: AsyncIterable<Sample>;
  /** What could not be read, in its order. */
  readonly refused: readonly RefusedInput[];
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
  const { directory, modalities, addresses, say } = options;
  if (inputs.length === 0 && values.length === 0) {
    throw new UsageError({
      where: 'predict',
      expected: 'files, folders or tables, or values',
      received: 'only a model',
      hint: `For example: polymodal predict <model> new.csv, or --value ${Object.keys(modalities)[0]}=…`,
    });
  }
  if (options.slot !== undefined && !Object.hasOwn(modalities, options.slot)) {
    throw unknownSlot(options.slot, modalities, '--slot');
  }
  const bindings = options.config?.project.data.slots ?? {};
  const sources: AsyncIterable<Sample>[] = [];
  const refused: RefusedInput[] = [];
  let count = 0;
  if (values.length > 0) {
    const sample = await withFiles(valuesSample(values, modalities, directory), options);
    sources.push(streamOf([asConversation(sample, bindings)]));
    count++;
  }
  for (const input of inputs) {
    if (isAddress(input)) {
      const file = String(await addresses.fetch(input));
      sources.push(streamOf([await fileSample(file, input, options)]));
      count++;
      continue;
    }
    const path = resolve(directory, input);
    const said = `A value is said by --value: --value "${input.includes('=') ? input : `${Object.keys(modalities)[0]}=${input}`}"`;
    await requireInput(path, 'a file, a folder or a table', said);
    if (formatOf(path) !== undefined || (isList(path) && options.slot === undefined)) {
      const table = await openAskedTable(path, input, options);
      refused.push(...table.refused.map((row) => ({ ...row, before: count + row.before })));
      sources.push(table.samples);
      count += table.count;
      continue;
    }
    const files = (await isFolder(path)) ? await filesIn(path, say) : [path];
    const samples: Sample[] = [];
    for (const file of files) {
      const name = shownPath(file, directory);
      try {
        samples.push(asConversation(await fileSample(file, name, options), bindings));
      } catch (error) {
        if (!FileFormatError.isInstance(error)) throw error;
        refused.push({ input: name, error: error.message, before: count + samples.length });
        say(error.message);
      }
    }
    sources.push(streamOf(samples));
    count += samples.length;
  }
  return { refused, samples: oneAfterTheOther(sources) };
}

/** What ends so is a list of rows, unless it is said which slot takes it. */
function isList(path: string): boolean {
  return /\.json$/i.test(path);
}

/** A sample with files in the place of their addresses. */
async function withFiles(sample: Sample, { modalities, addresses }: InputOptions): Promise<Sample> {
  const files = Object.keys(modalities).flatMap((slot) => {
    const value = sample[slot];
    const isFetched = takesFile(modalities[slot]) && typeof value === 'string' && isAddress(value);
    return isFetched ? [addresses.fetch(value).then((file) => [slot, file] as const)] : [];
  });
  return { ...sample, ...Object.fromEntries(await Promise.all(files)) };
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
