import { PolymodalError } from './polymodal-error';

/** A call that comes too early, too late or twice. */
export class StateError extends PolymodalError {
  static override readonly code: string = 'STATE';
}
