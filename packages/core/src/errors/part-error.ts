import { PolymodalError } from './polymodal-error';

/**
 * A part of a model (encoder, fusion, head, adapter, processor) that does not keep to its contract: it throws an error that is none of
 * Polymodal's, or gives something of another kind or shape than it has to. Its code is to be mended, not what it was given.
 */
export class PartError extends PolymodalError {
  static override readonly code: string = 'PART';
}
