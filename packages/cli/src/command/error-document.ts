import { describeThrown, PolymodalError } from '@polymodal/core';
import { interruptedText } from './early-interruption';

/** An error for programs: a document of one line, so that it can stand behind lines of JSON too. */
export function errorDocument(error: unknown): string {
  return `${JSON.stringify({ error: described(error) })}\n`;
}

/** Whether the user ended the command, by Ctrl-C say. */
export function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError' && !PolymodalError.isInstance(error);
}

function described(error: unknown): object {
  if (isInterruption(error)) return { code: 'INTERRUPTED', message: interruptedText };
  if (!PolymodalError.isInstance(error)) return { code: 'UNEXPECTED', message: describeThrown(error) };
  const { code, message, where, expected, received, hint } = error;
  return { code, message, where, expected, received, hint };
}
