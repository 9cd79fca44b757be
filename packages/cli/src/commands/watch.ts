import { once } from 'node:events';
import { resolve } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { watchRuns } from '@polymodal/trainer';
import type { Outcome } from '../command/outcome';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal watch`. */
export interface WatchCommandOptions {
  readonly port?: number;
}

/** `polymodal watch`: a page that follows a run, until it is interrupted. */
export async function watchCommand(
  given: string,
  { port }: WatchCommandOptions,
  { directory, messages, interruption }: Surroundings,
): Promise<Outcome> {
  const signal = await interruption();
  const { url, close } = await watchRuns(resolve(directory, given), port === undefined ? {} : { port }).catch(
    (error) => {
      throw asOption(error);
    },
  );
  messages.write(`${given} is shown at ${url} until Ctrl-C.\n`);
  if (!signal.aborted) await once(signal, 'abort');
  await close();
  return { text: '', result: { url } };
}

/** Errors name the option as the command line does. */
function asOption(error: unknown): unknown {
  if (!ConfigError.isInstance(error) || error.where !== 'watchRuns.port') return error;
  const { expected, received, hint } = error;
  return new ConfigError({ where: '--port', expected, received, ...(hint !== undefined && { hint }), cause: error });
}
