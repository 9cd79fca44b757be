/** Tokens of some batches. */
export interface TokenCount {
  /** Those that take part. */
  readonly taken: number;
  /** Those that are computed: these and padding. */
  readonly computed: number;
  /**
   * Those that batches of as many samples would compute, drawn at random, each padded to its longest sample in every modality, with
   * zeros for what a sample lacks.
   */
  readonly atRandom: number;
}

export const noTokens: TokenCount = { taken: 0, computed: 0, atRandom: 0 };

export function addTokens(a: TokenCount, b: TokenCount): TokenCount {
  return { taken: a.taken + b.taken, computed: a.computed + b.computed, atRandom: a.atRandom + b.atRandom };
}

/** A line for people. */
export function describeTokens({ taken, computed, atRandom }: TokenCount): string {
  const padding = (of: number) => `${(100 * (1 - taken / of)).toFixed(1)} %`;
  const share = `${padding(computed)} of all tokens were padding`;
  return `${share}; random batches would have had ${padding(atRandom)}, and computed ${(atRandom / computed).toFixed(2)} × as many.`;
}
