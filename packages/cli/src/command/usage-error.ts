import { PolymodalError } from '@polymodal/core';

/** A command line that cannot be meant. */
export class UsageError extends PolymodalError {
  static override readonly code: string = 'USAGE';
}
