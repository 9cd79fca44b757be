import { PolymodalError } from '@polymodal/core';

/** A part that breaks an invariant which every part of its kind keeps. */
export class ConformanceError extends PolymodalError {
  static override readonly code: string = 'CONFORMANCE';
}
