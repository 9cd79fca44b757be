import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import { type FetchOptions, fetchPretrained } from './fetch-pretrained';
import { moduleConfigNames } from './module-folders';
import { type PretrainedFiles, parsePretrainedFiles, pretrainedFileNames } from './pretrained-files';

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
 * @param folderOrRepository a folder, or, where there is none of that name, a repository of the hub (`owner/model`), which is
 *   fetched into the cache
 * @param options of the download
 * @throws FileFormatError for a folder without config or weights, or with a file that is malformed
 * @throws DownloadError, StorageError for a repository that cannot be fetched
 */
export async function openPretrained(folderOrRepository: string, options: FetchOptions = {}): Promise<Pretrained> {
  const isFolder = statSync(folderOrRepository, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder) return openFolder(folderOrRepository);
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(folderOrRepository)) {
    const expected = 'a folder in Hugging Face layout, or the name of a repository';
    throw new FileFormatError({ where: folderOrRepository, expected, received: 'a path without a folder' });
  }
  return openFolder(await fetchPretrained(folderOrRepository, options));
}

async function openFolder(directory: string): Promise<Pretrained> {
  const files = parsePretrainedFiles(await readFiles(directory), directory);
  return { ...files, directory, checkpoint: await openCheckpoint(directory) };
}

async function readFiles(directory: string): Promise<Map<string, Uint8Array>> {
  const contents = await readExisting(directory, pretrainedFileNames);
  const modules = contents.get('modules.json');
  return modules
    ? new Map([...contents, ...(await readExisting(directory, moduleConfigNames(modules, directory)))])
    : contents;
}

async function readExisting(directory: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const present = names.filter((name) => existsSync(join(directory, name)));
  return new Map(await Promise.all(present.map(async (name) => [name, await read(join(directory, name))] as const)));
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { message } = cause as Error;
    throw new FileFormatError({ where: path, expected: 'a file that can be read', received: message, cause });
  }
}
