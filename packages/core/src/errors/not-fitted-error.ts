import { StateError } from './state-error';

/** A processor that learns from training data how to process, and has not. */
export class NotFittedError extends StateError {
  static override readonly code: string = 'NOT_FITTED';
}
