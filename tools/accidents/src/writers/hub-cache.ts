import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { download } from '@polymodal/hub';
import { contentOf, fileNames } from '../small-hub';
import { MixtureError, type Writer } from '../writer';

/** `download`, of another repository in each round. */
export function hubCacheWriter(endpoint: string): Writer {
  return {
    async write(folder, version, round) {
      const options = { endpoint, cacheDirectory: folder, token: false as const, retries: 0 };
      await download(`owner/${version}${round}`, options);
    },
    async read(folder) {
      if (!existsSync(folder)) return 'nothing';
      for (const repository of readdirSync(folder).filter((name) => name.startsWith('models--'))) {
        const snapshots = join(folder, repository, 'snapshots');
        for (const commit of existsSync(snapshots) ? readdirSync(snapshots) : []) {
          requireWhole(join(snapshots, commit), repository.replace('models--owner--', ''));
        }
      }
      return 'A';
    },
  };
}

function requireWhole(snapshot: string, repository: string): void {
  for (const name of fileNames) {
    const path = join(snapshot, name);
    if (!existsSync(path)) continue; // yet to be fetched
    if (!readFileSync(path).equals(contentOf(repository, name))) throw new MixtureError(`half of ${path}`);
  }
}
