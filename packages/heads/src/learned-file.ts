import { FileFormatError, NotFittedError } from '@polymodal/core';
import type { z } from 'zod';

/** What a target learned of the training data, as the file of a saved model; none where it has not. */
export function writeLearned(name: string, learned: unknown): Record<string, Uint8Array> {
  return learned === undefined ? {} : { [name]: new TextEncoder().encode(JSON.stringify(learned)) };
}

/** The same, read. @throws FileFormatError for a file that is of something else */
export function readLearned<T>(
  savedFile: (name: string) => Uint8Array | undefined,
  name: string,
  schema: z.ZodType<T>,
): T | undefined {
  const file = savedFile(name);
  if (!file) return undefined;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(file)));
  } catch (cause) {
    const expected = 'what a target of this config learned of training data';
    throw new FileFormatError({ where: name, expected, received: 'something else', cause });
  }
}

/** @throws NotFittedError */
export function requireLearned<T>(learned: T | undefined, what: string): T {
  if (learned !== undefined) return learned;
  throw new NotFittedError({
    expected: `a head that knows ${what}`,
    received: 'one that has not learned',
    hint: 'Train the model, or load one that was trained.',
  });
}
