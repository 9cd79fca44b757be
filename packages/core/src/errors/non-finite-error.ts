import { PolymodalError } from './polymodal-error';

/** Numbers that a model computed and that are NaN or infinite. */
export class NonFiniteError extends PolymodalError {
  readonly code = 'NON_FINITE';
}
