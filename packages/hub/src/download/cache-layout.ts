import { copyFile, rename, symlink, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ConfigError, describeValue } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { isSafeFileName, makeFolder, removeLeftovers, replaceFile, temporaryPath } from '@polymodal/core/node';

/** Where a repository is kept, as Python's huggingface_hub keeps it: blobs by checksum, snapshots of links to them, refs. */
export interface CacheLayout {
  blob(etag: string): string;
  /** Held while a blob is written. Not Python's own lock beside it, which Node cannot hold. */
  lock(etag: string): string;
  snapshot(commit: string): string;
  ref(revision: string): string;
}

/** Names are part of paths. */
const longestName = 200;

/** @throws ConfigError for what is no name of a repository */
export function cacheLayout(cacheDirectory: string, repository: string): CacheLayout {
  const isName =
    typeof repository === 'string' &&
    repository.length <= longestName &&
    /^(?!.*(?:--|\.\.))[\w.-]+(?:\/[\w.-]+)?$/.test(repository) &&
    !/(^|\/)\.(\/|$)/.test(repository);
  if (!isName) {
    throw new ConfigError({
      where: 'repository',
      expected: 'a name such as "owner/model"',
      received: describeValue(repository),
    });
  }
  const folder = `models--${repository.replace('/', '--')}`;
  const root = join(cacheDirectory, folder);
  return {
    blob: (etag) => join(root, 'blobs', etag),
    lock: (etag) => join(cacheDirectory, '.locks', folder, `${etag}.polymodal`),
    snapshot: (commit) => join(root, 'snapshots', commit),
    ref: (revision) => join(root, 'refs', ...revision.split('/')),
  };
}

/** @throws ConfigError for a revision that no file can stand for */
export function checkRevision(revision: string): void {
  if (revision.length <= longestName && isSafeFileName(revision)) return;
  throw new ConfigError({ where: 'revision', expected: 'a branch, tag or commit', received: describeValue(revision) });
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** In bytes; a commit and the end of the line have 41. */
const longestRef = 100;

/** The commit that a branch or tag had when it was fetched last. */
export async function readRef(layout: CacheLayout, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const content = await readRegularFile(layout.ref(revision), { maxBytes: longestRef }).catch(() => undefined);
  const commit = new TextDecoder().decode(content);
  return isCommit(commit.trim()) ? commit.trim() : undefined;
}

export async function writeRef(layout: CacheLayout, revision: string, commit: string): Promise<void> {
  if (isCommit(revision) || (await readRef(layout, revision)) === commit) return;
  await makeFolder(dirname(layout.ref(revision)));
  await replaceFile(layout.ref(revision), commit);
}

/** Puts a blob into a snapshot: a relative link, or a copy where the system has no links for this user. */
export async function linkBlob(blob: string, pointer: string): Promise<void> {
  await makeFolder(dirname(pointer));
  const temporary = temporaryPath(pointer);
  await removeLeftovers(pointer);
  await symlink(relative(dirname(pointer), blob), temporary).catch(() => copyFile(blob, temporary));
  await rename(temporary, pointer).catch(async (error) => {
    await unlink(temporary);
    throw error;
  });
}
