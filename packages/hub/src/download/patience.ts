import { setTimeout as sleep } from 'node:timers/promises';
import { ChecksumError, ConnectionError } from '../errors/download-error';
import type { HubSettings } from './hub-settings';

const longestDelay = 8000;
const longestRetryAfter = 60_000;

/** Decides after each failure whether, and when, it is worth trying again. */
export class Patience {
  private failures = 0;

  constructor(private readonly settings: HubSettings) {}

  /** There was progress: failures before it no longer count. */
  renew(): void {
    this.failures = 0;
  }

  /**
   * Waits before the next attempt, or throws the error if there is to be none.
   *
   * @param retryAfter milliseconds that the server asks to wait
   */
  async afterFailure(error: unknown, retryAfter?: number): Promise<void> {
    const isPassing = error instanceof ConnectionError || error instanceof ChecksumError;
    if (!isPassing || this.failures >= this.settings.retries) throw error;
    const delay = Math.min(longestDelay, this.settings.retryDelay * 2 ** this.failures);
    this.failures++;
    await pause(Math.max(delay, Math.min(retryAfter ?? 0, longestRetryAfter)), this.settings.signal);
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
