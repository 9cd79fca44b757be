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
  /** The same two by the time that processors worked for it, of all threads: what a machine that is busy with something else still tells. */
  readonly tokensPerCpuSecond: number;
  readonly firstTokenCpuSeconds: number;
  readonly peakRssBytes: number;
  readonly ids: readonly (readonly number[])[];
}

/** What a conversation takes, turn by turn. */
export interface TurnFigures {
  /** Until the first piece of each answer, with all before it computed anew. */
  readonly whole: readonly number[];
  /** The same with a cache of prefixes. */
  readonly behind: readonly number[];
  /** Of all prompts with it, and those of them that were not computed. */
  readonly tokens: number;
  readonly reused: number;
  /** That it holds in the end. */
  readonly bytes: number;
  /** Whether the answers were. */
  readonly same: boolean;
}
