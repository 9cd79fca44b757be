import { PolymodalError } from './polymodal-error';

/** A tensor or parameter whose shape does not fit. */
export class ShapeError extends PolymodalError {
  static override readonly code: string = 'SHAPE';
}
