import { PolymodalError } from './polymodal-error';

/** A backend that is not installed, cannot be loaded or failed. */
export class BackendError extends PolymodalError {
  readonly code = 'BACKEND';
}
