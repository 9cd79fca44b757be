import { PolymodalError } from './polymodal-error';

/** A name that nothing is registered under. The hint suggests the nearest ones that are. */
export class UnknownNameError extends PolymodalError {
  static override readonly code: string = 'UNKNOWN_NAME';
}
