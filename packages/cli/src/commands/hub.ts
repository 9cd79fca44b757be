import { progressBar } from '@polymodal/trainer';
import { installed } from '../command/installed';
import type { Outcome } from '../command/outcome';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal hub download`. */
export interface HubDownloadOptions {
  readonly revision?: string;
  readonly files?: readonly string[];
  readonly offline?: boolean;
}

/** `polymodal hub download`: fetches files of a repository of the Hugging Face Hub into the cache that Python uses too. */
export async function hubDownloadCommand(
  repository: string,
  options: HubDownloadOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { download } = await installed(() => import('@polymodal/hub'), 'hub download', '@polymodal/hub');
  const bar = progressBar(surroundings.messages);
  const arrived = new Map<string, { readonly received: number; readonly size: number }>();
  bar.start(`Fetching ${repository}`, 100);
  try {
    const fetched = await download(repository, {
      ...options,
      signal: await surroundings.interruption(),
      onProgress({ file, received, size = received }) {
        arrived.set(file, { received, size });
        const sum = (what: 'received' | 'size') => [...arrived.values()].reduce((all, own) => all + own[what], 0);
        bar.update(Math.floor((100 * sum('received')) / Math.max(1, sum('size'))), file);
      },
    });
    const { directory, files, commit } = fetched;
    const text = `${files.length} files of ${repository} (${commit.slice(0, 12)}) are in ${directory}`;
    return { text, result: fetched };
  } finally {
    bar.stop();
  }
}
