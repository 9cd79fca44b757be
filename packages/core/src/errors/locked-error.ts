import { PolymodalError } from './polymodal-error';

/** A file or folder that another writer, in this process or another one, is at work on. */
export class LockedError extends PolymodalError {
  static override readonly code: string = 'LOCKED';
}
