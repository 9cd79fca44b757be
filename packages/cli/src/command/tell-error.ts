import { inspect } from 'node:util';
import { describeThrown, PolymodalError } from '@polymodal/core';
import type { Surroundings } from '../surroundings';
import { interruptedText } from './early-interruption';
import { errorDocument, isInterruption } from './error-document';
import { exitCode } from './exit-code';
import { painted } from './painted';
import { printable } from './printable';
import { UsageError } from './usage-error';

/** How an error is told. */
export interface TellErrorOptions {
  readonly json: boolean;
  /** With the stack, and what caused it. */
  readonly verbose: boolean;
}

/**
 * Tells what a command ended with, in one paragraph; with `json` as one document on the output too, for programs.
 *
 * @returns the exit code
 */
export function tellError(
  error: unknown,
  { output, messages, environment }: Surroundings,
  { json, verbose }: TellErrorOptions,
): number {
  if (json) output.write(errorDocument(error));
  if (isInterruption(error)) {
    messages.write(`${interruptedText}\n`);
    return exitCode.interrupted;
  }
  const paint = painted(messages, environment);
  messages.write(`${paint('red', 'error:')} ${printable(paragraph(error))}\n`);
  if (verbose) messages.write(`\n${printable(inspect(error))}\n`);
  return UsageError.isInstance(error) ? exitCode.usage : exitCode.failed;
}

/** An error that nobody threw on purpose is one of ours, or of a plugin's: its stack helps whoever mends it. */
function paragraph(error: unknown): string {
  if (PolymodalError.isInstance(error)) return error.message;
  return `${describeThrown(error)}. This is not a fault of your input that we know of: with --verbose it says where it happened.`;
}
