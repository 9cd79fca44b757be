import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { isTemporaryPath } from '@polymodal/core/node';
import { NotFoundError } from '../errors/download-error';
import { cacheLayout, checkRevision, readRef } from './cache-layout';
import type { DownloadOptions } from './download-options';
import { hubSettings } from './hub-settings';
import { checksumOf, isChecksum } from './partial-file';

/** A file in the cache, held against the checksum that it is kept under. */
export interface VerifiedFile {
  readonly file: string;
  readonly bytes: number;
  /** `unknown` where the server that it came from gives no checksums. */
  readonly state: 'right' | 'damaged' | 'unknown';
}

/** What of a repository is in the cache, and whether it is what was fetched. */
export interface VerifiedDownload {
  readonly directory: string;
  readonly commit: string;
  readonly files: readonly VerifiedFile[];
}

/**
 * Holds the files of a repository in the cache against their checksums. It asks nobody: a file is kept under the checksum that the hub gave.
 *
 * @throws NotFoundError where nothing of it is in the cache
 * @throws ConfigError for what is no name of a repository or revision
 */
export async function verifyDownload(
  repository: string,
  options: Pick<DownloadOptions, 'revision' | 'cacheDirectory' | 'signal'> = {},
): Promise<VerifiedDownload> {
  const { cacheDirectory, signal } = hubSettings(options);
  const { revision = 'main' } = options;
  const layout = cacheLayout(cacheDirectory, repository);
  checkRevision(revision);
  const commit = await readRef(layout, revision);
  const directory = commit === undefined ? '' : layout.snapshot(commit);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !isTemporaryPath(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  if (commit === undefined || paths.length === 0) {
    throw new NotFoundError({
      where: `${repository}@${revision}`,
      expected: `its files in ${cacheDirectory}`,
      received: 'a cache without them',
      hint: 'Fetch them first: polymodal hub download, or download of @polymodal/hub.',
    });
  }
  const files: VerifiedFile[] = [];
  for (const path of paths.sort()) files.push(await verified(path, directory, signal));
  return { directory, commit, files };
}

async function verified(path: string, directory: string, signal: AbortSignal | undefined): Promise<VerifiedFile> {
  const file = relative(directory, path).split(sep).join('/');
  const blob = await realpath(path).catch(() => undefined);
  if (blob === undefined) return { file, bytes: 0, state: 'damaged' }; // a link that leads nowhere
  const etag = basename(blob);
  const { size } = await stat(blob);
  if (!isChecksum(etag)) return { file, bytes: size, state: 'unknown' };
  const hash = checksumOf({ etag, size });
  for await (const chunk of createReadStream(blob, { signal })) hash.update(chunk);
  return { file, bytes: size, state: hash.digest('hex') === etag ? 'right' : 'damaged' };
}
