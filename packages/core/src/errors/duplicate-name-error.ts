import { PolymodalError } from './polymodal-error';

/** Two definitions under one name. */
export class DuplicateNameError extends PolymodalError {
  static override readonly code: string = 'DUPLICATE_NAME';
}
