import { PolymodalError } from './polymodal-error';

/** Numbers that a model computed and that are NaN or infinite. */
export class NonFiniteError extends PolymodalError {
  static override readonly code: string = 'NON_FINITE';
}
