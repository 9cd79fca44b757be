import { PolymodalError } from './polymodal-error';

/** A head was asked to run on a row that lacks a modality it requires. */
export class MissingModalityError extends PolymodalError {
  static override readonly code: string = 'MISSING_MODALITY';
}
