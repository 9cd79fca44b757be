import { existsSync } from 'node:fs';
import { ConfigError, describeValue, FileFormatError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { isFolder } from '../checkpoint/is-folder';
import { openWeights } from '../checkpoint/open-checkpoint';
import { type PretrainedFolderView, readPretrainedFolder } from '../checkpoint/read-pretrained-folder';
import { type FetchOptions, fetchPretrained } from './fetch-pretrained';
import { moduleFileNames } from './module-folders';
import { type PretrainedFiles, parsePretrainedFiles, wantedFileNames } from './pretrained-files';

/** The longest text that JavaScript holds, about: what is longer could not be parsed. */
const longestFile = 2 ** 29;

/** A model in Hugging Face layout. */
export interface Pretrained extends PretrainedFiles {
  /** The folder, in the cache for a repository that was fetched. */
  readonly directory: string;
  /** Open; whoever asked for it closes it. */
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a model in Hugging Face layout: `config.json`, weights as safetensors, and the files of processors and tokenizer
 * that there are.
 *
 * ```ts
 * const { config, checkpoint } = await openPretrained('google-bert/bert-base-uncased'); // or a folder
 * console.log(config.model_type, checkpoint.names.length, 'tensors');
 * await checkpoint.close();
 * ```
 *
 * @param folderOrRepository a folder, or, where there is none of that name, a repository of the hub (`owner/model`), which is
 *   fetched into the cache
 * @param options of the download
 * @throws FileFormatError for a folder without config or weights, or with a file that is malformed
 * @throws StorageError for a folder that cannot be read
 * @throws DownloadError, StorageError for a repository that cannot be fetched
 */
export async function openPretrained(folderOrRepository: string, options: FetchOptions = {}): Promise<Pretrained> {
  checkSource(folderOrRepository);
  if (isFolder(folderOrRepository)) return openFolder(folderOrRepository);
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(folderOrRepository)) {
    const expected = 'a folder in Hugging Face layout, or the name of a repository';
    throw new FileFormatError({ where: folderOrRepository, expected, received: 'a path without a folder' });
  }
  return openFolder(await fetchPretrained(folderOrRepository, options));
}

async function openFolder(directory: string): Promise<Pretrained> {
  const { files, checkpoint } = await readPretrainedFolder(directory, async (view) => {
    const files = parsePretrainedFiles(await readFiles(view), directory);
    files.tokenizer?.file(); // what is malformed is refused before anything is made of the folder
    const checkpoint = await openWeights(view);
    return { files, checkpoint, close: () => checkpoint.close() };
  });
  return { ...files, directory, checkpoint };
}

async function readFiles(view: PretrainedFolderView): Promise<Map<string, Uint8Array>> {
  const contents = await readExisting(
    view,
    wantedFileNames((name) => existsSync(view.path(name))),
  );
  const modules = contents.get('modules.json');
  return modules
    ? new Map([...contents, ...(await readExisting(view, moduleFileNames(modules, view.folder)))])
    : contents;
}

async function readExisting(
  { path }: PretrainedFolderView,
  names: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const present = names.filter((name) => existsSync(path(name)));
  const read = (name: string) => readRegularFile(path(name), { maxBytes: longestFile });
  return new Map(await Promise.all(present.map(async (name) => [name, await read(name)] as const)));
}

/** Names and paths are part of messages. */
const longestPath = 1024;

/** @throws ConfigError for what is no path or name */
function checkSource(source: string): void {
  const isPath = typeof source === 'string' && source !== '' && source.length <= longestPath && !source.includes('\0');
  if (isPath) return;
  const expected = 'a folder in Hugging Face layout, or the name of a repository';
  throw new ConfigError({ where: 'openPretrained', expected, received: describeValue(source) });
}
