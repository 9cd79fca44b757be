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
