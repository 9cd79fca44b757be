import { isNotCompilable } from '../backend/compiled';
import { describeThrown } from '../describe-thrown';
import { PartError, PolymodalError } from '../errors';

/**
 * Runs code of a part, which is others' code: what it throws is said of the part, and becomes the cause. Errors of Polymodal, which
 * say themselves what they mean, stay what they are; so do interruptions.
 *
 * @param part   how error messages call it: `head "tone"`
 * @param method which of its methods is run
 * @throws PartError
 */
export function askPart<T>(part: string, method: string, ask: () => T, signal?: AbortSignal): T {
  try {
    return ask();
  } catch (error) {
    throw asPartError(error, part, method, signal);
  }
}

/** What to throw for whatever a part threw. */
export function asPartError(error: unknown, part: string, method: string, signal?: AbortSignal): unknown {
  const isInterruption = signal?.aborted || (error instanceof Error && error.name === 'AbortError');
  if (isInterruption || isNotCompilable(error) || PolymodalError.isInstance(error)) return error;
  return new PartError({
    where: part,
    expected: `its ${method} to run`,
    received: describeThrown(error),
    hint: 'The fault lies in the code of that part, or in what it was given: see the cause of this error.',
    cause: error,
  });
}
