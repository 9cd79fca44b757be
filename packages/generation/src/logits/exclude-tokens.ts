import { EXCLUDED, type LogitsProcessor } from './logits-processor';

/** Excludes tokens as long as fewer than so many are new (HF `MinNewTokensLengthLogitsProcessor`, with those that end a sequence). */
export function excludeUntil(count: number, tokens: readonly number[]): LogitsProcessor {
  return (logits, { ids, promptLength }) => {
    if (ids.length - promptLength < count) for (const id of tokens) logits[id] = EXCLUDED;
  };
}

/** Excludes tokens (HF `SuppressTokensLogitsProcessor`). */
export function excludeTokens(tokens: readonly number[]): LogitsProcessor {
  return excludeUntil(Number.POSITIVE_INFINITY, tokens);
}

/** Excludes sequences of tokens: the last of each, after the others (HF `NoBadWordsLogitsProcessor`). */
export function excludeSequences(sequences: readonly (readonly number[])[]): LogitsProcessor {
  return (logits, { ids }) => {
    for (const sequence of sequences) {
      const start = ids.length + 1 - sequence.length;
      const isNext = start >= 0 && sequence.slice(0, -1).every((id, index) => ids[start + index] === id);
      if (isNext) logits[sequence[sequence.length - 1]] = EXCLUDED;
    }
  };
}
