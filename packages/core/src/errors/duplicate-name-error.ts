import { PolymodalError } from './polymodal-error';

/** Two definitions under one name. */
export class DuplicateNameError extends PolymodalError {
  readonly code = 'DUPLICATE_NAME';
}
