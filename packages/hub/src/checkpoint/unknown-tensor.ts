import { nearestNames, UnknownNameError } from '@polymodal/core';
import type { Checkpoint } from './checkpoint';

/** The error for a tensor that a checkpoint lacks, with the names that come nearest. */
export function unknownTensor({ path, names }: Pick<Checkpoint, 'path' | 'names'>, name: string): UnknownNameError {
  const nearest = nearestNames(name, names).map((candidate) => `"${candidate}"`);
  return new UnknownNameError({
    where: path,
    expected: `one of its ${names.length} tensors`,
    received: `"${name}"`,
    ...(nearest.length > 0 && { hint: `Did you mean ${nearest.join(' or ')}?` }),
  });
}
