import type { AutomatonState } from '../constraint/byte-automaton';

/** A sequence of tokens that is being continued. */
export interface SequenceSoFar {
  /** Of the prompt, and of what followed. */
  readonly ids: readonly number[];
  /** How many of them are the prompt. */
  readonly promptLength: number;
  /** Where what was written stands in what it is constrained to, if it is. */
  readonly place?: AutomatonState | undefined;
}

/** Changes the logits of the next token in place; −∞ excludes one. */
export type LogitsProcessor = (logits: Float32Array, sequence: SequenceSoFar) => void;

/** The logit of a token that cannot come. */
export const EXCLUDED = Number.NEGATIVE_INFINITY;
