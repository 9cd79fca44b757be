import { setTimeout as sleep } from 'node:timers/promises';
import { ChecksumError, ConnectionError } from '../errors/download-error';
import type { HubSettings } from './hub-settings';

const longestDelay = 8000;

/** Decides after each failure whether, and when, it is worth trying again. */
export class Patience {
  #failures = 0;

  readonly #settings: HubSettings;

  constructor(settings: HubSettings) {
    this.#settings = settings;
  }

  /** There was progress: failures before it no longer count. */
  renew(): void {
    this.#failures = 0;
  }

  /**
   * Waits before the next attempt, or throws the error if there is to be none. A server that asks for a time gets it: asked again
   * before, it would only refuse again. Where that is longer than anybody has agreed to wait, there is no next attempt.
   *
   * @param retryAfter milliseconds that the server asks to wait
   */
  async afterFailure(error: unknown, retryAfter?: number): Promise<void> {
    const isPassing = error instanceof ConnectionError || error instanceof ChecksumError;
    const { retries, longestWait, onWait, signal } = this.#settings;
    if (!isPassing || this.#failures >= retries || (retryAfter ?? 0) > longestWait) throw error;
    const delay = Math.min(longestDelay, this.#settings.retryDelay * 2 ** this.#failures);
    this.#failures++;
    const milliseconds = Math.max(delay, retryAfter ?? 0);
    if (retryAfter !== undefined && retryAfter > 0) onWait({ milliseconds, error });
    await pause(milliseconds, signal);
  }
}

/** Waits. @throws the reason of the signal, if it is aborted */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
