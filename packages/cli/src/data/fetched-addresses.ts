import type { ManifestOptions } from '@polymodal/data';
import { installed } from '../command/installed';
import type { Surroundings } from '../surroundings';

/** Files that are fetched at a time, so that no server takes it for an attack. */
const atOnce = 8;

/**
 * How the files of addresses in a table are read: through the cache of `@polymodal/hub`. They are fetched while the table is opened, so that
 * one that cannot be had is a bad row like others, told by its line.
 */
export function fetchedAddresses(
  { messages }: Surroundings,
  signal: AbortSignal,
): Required<Pick<ManifestOptions, 'fetch' | 'fetchFirst'>> {
  const free = Array.from({ length: atOnce }, () => Promise.resolve());
  let count = 0;
  return {
    async fetch(url) {
      const place = count++ % atOnce;
      if (count === 1) messages.write('Fetching the files of addresses, once …\n');
      const { fetchAddress } = await installed(() => import('@polymodal/hub'), 'an address', '@polymodal/hub');
      const turn = free[place].then(() => fetchAddress(url, { signal }));
      free[place] = turn.then(ignored, ignored);
      return turn;
    },
    fetchFirst: true,
  };
}

function ignored(): void {}
