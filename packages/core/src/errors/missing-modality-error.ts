import { PolymodalError } from './polymodal-error';

/** A head was asked to run on a row that lacks a modality it requires. */
export class MissingModalityError extends PolymodalError {
  readonly code = 'MISSING_MODALITY';
}
