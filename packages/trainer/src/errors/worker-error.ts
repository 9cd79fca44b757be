import { PolymodalError } from '@polymodal/core';

/** A thread that prepares samples and ends before it should: for want of memory, say. */
export class WorkerError extends PolymodalError {
  static override readonly code: string = 'WORKER';
}
