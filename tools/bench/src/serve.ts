import { createInterface } from 'node:readline';
import { peakRssBytes } from './peak-memory';
import type { Answer, Request } from './protocol';

/** The package that a contender is about is not installed. */
export class NotInstalledError extends Error {}

/**
 * The contender's side of the protocol: prepares, says that it is ready, then works when told to, and tells its peak
 * memory at the end.
 *
 * @param prepare gives the function that does the work, so many times in a row. @throws NotInstalledError
 */
export async function serve<Result>(prepare: () => Promise<(times: number) => Promise<Result>>): Promise<void> {
  const run = await prepare().catch((error: unknown) => {
    if (!(error instanceof NotInstalledError)) throw error;
    answer({ kind: 'missing', what: error.message });
    return null;
  });
  if (run === null) return;
  answer({ kind: 'ready' });
  for await (const line of createInterface(process.stdin)) {
    const request = JSON.parse(line) as Request;
    if ('finish' in request) break;
    answer({ kind: 'result', result: await run(request.run) });
  }
  answer({ kind: 'finished', peakRssBytes: peakRssBytes() });
}

function answer(value: Answer): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
