/** A text that is being continued. */
export interface TextSoFar {
  /** Of the prompt, and of what followed. */
  readonly ids: readonly number[];
  /** How many of them are the prompt. */
  readonly promptLength: number;
}

/** Changes the logits of the next token in place; −∞ excludes one. */
export type LogitsProcessor = (logits: Float32Array, text: TextSoFar) => void;

/** The logit of a token that cannot come. */
export const EXCLUDED = Number.NEGATIVE_INFINITY;
