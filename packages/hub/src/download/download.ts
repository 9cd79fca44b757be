import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { asStorageError } from '@polymodal/core';
import { isTemporaryPath } from '@polymodal/core/node';
import { OfflineError } from '../errors/download-error';
import { type CacheLayout, cacheLayout, checkRevision, isCommit, linkBlob, readRef, writeRef } from './cache-layout';
import type { DownloadOptions } from './download-options';
import { fetchBlob } from './fetch-blob';
import { type FileMetadata, fileMetadata } from './file-metadata';
import { type HubSettings, hubSettings } from './hub-settings';
import { isChecksum } from './partial-file';
import { repositoryFiles } from './repository-files';
import { selectFiles } from './select-files';

/** Files of one commit of a repository, on the disk. */
export interface Download {
  /** The folder with the files under their names. */
  readonly directory: string;
  readonly commit: string;
  readonly files: readonly string[];
}

const atOnce = 4;

/**
 * Fetches files of a model repository of the Hugging Face Hub into the cache that Python's huggingface_hub uses too.
 * Downloads that broke off go on where they ended, every file is held against its checksum, and a file is in the cache whole
 * or not at all.
 *
 * ```ts
 * const { directory } = await download('google-bert/bert-base-uncased', { files: ['config.json', 'tokenizer.json'] });
 * ```
 *
 * @param repository its name, `owner/model`
 * @throws AccessError, NotFoundError, OfflineError, ConnectionError, ChecksumError, ProtocolError: the kinds of DownloadError
 * @throws StorageError if the file system does not take the files, a full disk for one
 * @throws ConfigError for a name of a repository, revision or endpoint that is none
 */
export async function download(repository: string, options: DownloadOptions = {}): Promise<Download> {
  const settings = hubSettings(options);
  const { revision = 'main', files } = options;
  const layout = cacheLayout(settings.cacheDirectory, repository);
  checkRevision(revision);
  const cached = settings.offline || isCommit(revision) ? await fromCache(layout, revision, files) : undefined;
  if (settings.offline) return cached ?? missing(repository, revision, settings);
  if (cached && Array.isArray(files) && files.every((name) => !name.includes('*'))) return cached;
  try {
    return await fromHub(settings, layout, repository, options);
  } catch (error) {
    throw asStorageError(error, settings.cacheDirectory);
  }
}

async function fromHub(
  settings: HubSettings,
  layout: CacheLayout,
  repository: string,
  { revision = 'main', files, onProgress }: DownloadOptions,
): Promise<Download> {
  const { commit, files: available } = await repositoryFiles(settings, repository, revision);
  const selected = selectFiles(available, files, `${repository}@${revision}`);
  const directory = layout.snapshot(commit);
  await forEachOf(selected, settings, async (file, inner) => {
    const pointer = join(directory, ...file.split('/'));
    if (existsSync(pointer)) return;
    const metadata = await fileMetadata(inner, repository, commit, file);
    const { size } = metadata;
    const name = blobName(metadata, file);
    const report = (received: number) => onProgress?.({ file, received, size });
    await fetchBlob(inner, metadata, { blob: layout.blob(name), lock: layout.lock(name) }, report);
    await linkBlob(layout.blob(name), pointer);
  });
  await writeRef(layout, revision, commit); // last, so that a branch in the cache leads to files that are all there
  return { directory, commit, files: selected };
}

/** An etag that is no checksum says nothing of other files: each then has a blob of its own, unlike in Python's cache. */
function blobName({ etag }: FileMetadata, file: string): string {
  if (isChecksum(etag)) return etag;
  return `${etag}-${createHash('sha256').update(file).digest('hex').slice(0, 16)}`;
}

/** Works on several at once. When one fails, the others are told to end, and waited for. */
async function forEachOf(
  names: readonly string[],
  settings: HubSettings,
  work: (name: string, settings: HubSettings) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const signal = settings.signal ? AbortSignal.any([settings.signal, failure.signal]) : failure.signal;
  const queue = names.values();
  const worker = async () => {
    try {
      for (const name of queue) await work(name, { ...settings, signal });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  await Promise.allSettled(Array.from({ length: atOnce }, worker));
  if (failure.signal.aborted) throw failure.signal.reason;
}

/** What the cache has of a revision, if that is all that is asked for. */
async function fromCache(
  layout: CacheLayout,
  revision: string,
  files: DownloadOptions['files'],
): Promise<Download | undefined> {
  const commit = await readRef(layout, revision);
  const directory = commit && layout.snapshot(commit);
  if (!commit || !directory || !existsSync(directory)) return undefined;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const present = entries
    .filter((entry) => !entry.isDirectory() && !isTemporaryPath(entry.name))
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep).join('/'));
  try {
    const selected = selectFiles(present, files, directory);
    return selected.length > 0 ? { directory, commit, files: selected } : undefined;
  } catch {
    return undefined;
  }
}

function missing(repository: string, revision: string, { cacheDirectory }: HubSettings): never {
  throw new OfflineError({
    where: `${repository}@${revision}`,
    expected: `its files in ${cacheDirectory}, since downloads are switched off`,
    received: 'a cache without them',
    hint: 'Fetch them once with a connection, or switch HF_HUB_OFFLINE (option offline) off.',
  });
}
