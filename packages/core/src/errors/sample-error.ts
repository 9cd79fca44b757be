import { PolymodalError } from './polymodal-error';

/** A sample that cannot be read: a corrupt file, a wrong type, no modality at all. */
export class SampleError extends PolymodalError {
  readonly code = 'SAMPLE';
}
