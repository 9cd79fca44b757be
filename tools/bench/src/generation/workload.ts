/** What each contender writes. */
export interface GenerationWorkload {
  /** Token ids of each prompt. */
  readonly prompts: readonly (readonly number[])[];
  readonly newTokens: number;
}

/** Prompts of these lengths, of tokens that a vocabulary has. */
export function workload(lengths: readonly number[], newTokens: number, vocabSize: number): GenerationWorkload {
  const prompts = lengths.map((length, row) =>
    Array.from({ length }, (_, place) => 20 + ((place * 7919 + row * 104_729) % (vocabSize - 20))),
  );
  return { prompts, newTokens };
}

/** What a contender says. */
export interface GenerationFigures {
  /** Between the first and the last token of a run, of all rows: the median of the runs. */
  readonly tokensPerSecond: number;
  /** Until the first token. */
  readonly firstTokenSeconds: number;
  readonly peakRssBytes: number;
  readonly ids: readonly (readonly number[])[];
}
