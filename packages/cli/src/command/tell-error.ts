import { inspect } from 'node:util';
import { describeThrown, PolymodalError } from '@polymodal/core';
import type { Surroundings } from '../surroundings';
import { errorDocument } from './error-document';
import { painted } from './painted';
import { printable } from './printable';

/** How an error is told. */
export interface TellErrorOptions {
  readonly json?: boolean | undefined;
  /** With the stack, and what caused it. */
  readonly verbose?: boolean | undefined;
}

/** Tells an error in one paragraph; with `json` as one document on the output, for programs. */
export function tellError(error: unknown, { output, messages, environment }: Surroundings, options: TellErrorOptions) {
  if (options.json) output.write(errorDocument(error));
  const paint = painted(messages, environment);
  messages.write(`${paint('red', 'error:')} ${printable(paragraph(error))}\n`);
  if (options.verbose) messages.write(`\n${printable(inspect(error))}\n`);
}

/** An error that nobody threw on purpose is one of ours, or of a plugin's: its stack helps whoever mends it. */
function paragraph(error: unknown): string {
  if (PolymodalError.isInstance(error)) return error.message;
  return `${describeThrown(error)}. This is not a fault of your input that we know of: with --verbose it says where it happened.`;
}
