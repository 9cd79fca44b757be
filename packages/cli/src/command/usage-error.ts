import { PolymodalError } from '@polymodal/core';
import { usageCode } from './usage-document';

/** A command line that cannot be meant. */
export class UsageError extends PolymodalError {
  static override readonly code: string = usageCode;
}
