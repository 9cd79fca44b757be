import { describeThrown } from '../describe-thrown';
import { PolymodalError } from './polymodal-error';

/**
 * A sample that cannot be read: a corrupt file, a wrong type, no modality at all.
 *
 * ```ts
 * throw new SampleError({ expected: 'a rate in Hz, above 0', received: describeValue(rate) }); // of a processor, say
 * ```
 */
export class SampleError extends PolymodalError {
  static override readonly code: string = 'SAMPLE';
}

/**
 * What to throw for whatever reading a sample threw, since its getters, a processor, a data set and `augment` are others' code:
 * errors of ours and interruptions stay what they are, anything else becomes the cause of a {@link SampleError}.
 *
 * @param where    the sample
 * @param expected what was to be read
 */
export function asSampleError(error: unknown, where: string, expected = 'a sample that can be read'): unknown {
  if (PolymodalError.isInstance(error) || isInterruption(error)) return error;
  return new SampleError({ where, expected, received: describeThrown(error), cause: error });
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
