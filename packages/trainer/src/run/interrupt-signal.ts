import { z } from 'zod';

/** An `AbortSignal`, of whichever realm. */
export const signalSchema = z.custom<AbortSignal>(isSignal, 'an AbortSignal');

function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'throwIfAborted' in value && 'aborted' in value;
}

/** Signals that follow this closely, in milliseconds, are one Ctrl-C: terminal, npm and shell each pass it on. */
const sameKeyPress = 500;

/**
 * A signal that the first Ctrl-C (or SIGTERM) aborts, so that what runs can stop cleanly; the second ends the process
 * at once.
 *
 * ```ts
 * await train(model, { …, signal: interruptSignal() });
 * ```
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let first = Number.NaN;
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      if (performance.now() - first > sameKeyPress) process.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    first = performance.now();
    process.stderr.write('\nStopping as soon as it can. Once more to exit at once.\n');
    controller.abort(new DOMException(`The process received ${signal}.`, 'AbortError'));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
