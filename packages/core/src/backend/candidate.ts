import type { BackendName } from './backend-choice';

/** A backend that may be there. */
export interface Candidate {
  readonly name: BackendName;
  /** The packages to install for it, in the order in which they are missed. */
  readonly packages: readonly string[];
  /**
   * Registers the backend and makes it TensorFlow.js's current one.
   *
   * @param named whether the caller asked for this backend, rather than for the best one
   */
  start(named: boolean): Promise<Started | Refused>;
}

/** The backend runs. */
interface Started {
  /** What it runs on, e.g. `TensorFlow 2.9.1, cpu`. */
  readonly description: string;
}

/** The backend does not run here. */
export interface Refused {
  readonly reason: string;
  /** What to do about it: a sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}
