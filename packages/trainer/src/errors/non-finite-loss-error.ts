import { PolymodalError } from '@polymodal/core';

/** A loss or gradient that is not a number, or infinite. Training stops; a checkpoint, where there is one, is from before it. */
export class NonFiniteLossError extends PolymodalError {
  static override readonly code: string = 'NON_FINITE_LOSS';
}
