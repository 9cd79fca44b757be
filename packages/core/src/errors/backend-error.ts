import { PolymodalError } from './polymodal-error';

/** A backend that is not installed, cannot be loaded or failed. */
export class BackendError extends PolymodalError {
  static override readonly code: string = 'BACKEND';
}
