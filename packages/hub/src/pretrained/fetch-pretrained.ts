import { join } from 'node:path';
import { readRegularFile } from '@polymodal/core/files';
import { missingWeights } from '../checkpoint/missing-weights';
import { readShardIndex } from '../checkpoint/shard-index';
import { weightFileNames } from '../checkpoint/weight-file-names';
import { download } from '../download/download';
import type { DownloadOptions } from '../download/download-options';
import { moduleFileNames } from './module-folders';
import { wantedFileNames } from './pretrained-files';

/** How a repository is fetched; what is fetched goes without saying. */
export type FetchOptions = Omit<DownloadOptions, 'files'>;

/**
 * Fetches what `openPretrained` reads, and no more: of weights in several formats the safetensors, of whole and sharded ones
 * the whole.
 *
 * @returns the folder
 */
export async function fetchPretrained(repository: string, options: FetchOptions): Promise<string> {
  const files = (available: readonly string[]) => {
    const weights = weightFileNames.find((name) => available.includes(name));
    if (weights === undefined) throw missingWeights(repository, available, repository);
    return [...wantedFileNames((name) => available.includes(name)), weights];
  };
  const { directory, commit, files: fetched } = await download(repository, { ...options, files });
  if (fetched.includes('modules.json')) {
    const names = moduleFileNames(
      await readRegularFile(join(directory, 'modules.json'), { maxBytes: 1 << 20 }),
      repository,
    );
    const present = (available: readonly string[]) => names.filter((name) => available.includes(name));
    await download(repository, { ...options, revision: commit, files: present });
  }
  const index = fetched.find((name) => name.endsWith('.index.json'));
  if (index !== undefined) {
    const shards = [...new Set((await readShardIndex(join(directory, index))).values())];
    await download(repository, { ...options, revision: commit, files: shards });
  }
  return directory;
}
