import { PolymodalError } from './polymodal-error';

/** A name that nothing is registered under. The hint suggests the nearest ones that are. */
export class UnknownNameError extends PolymodalError {
  readonly code = 'UNKNOWN_NAME';
}
