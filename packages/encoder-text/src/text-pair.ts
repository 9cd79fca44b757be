import { describeValue, isRecord, SampleError } from '@polymodal/core';

/**
 * Two texts as one value: a question and what is asked about, say. They are tokenised as Python's tokenizers do it of a pair, and the first
 * is never cut.
 */
export interface TextPair {
  readonly text: string;
  readonly pair: string;
}

/** Whether a raw value is meant as a pair of texts. @throws SampleError for one that is not quite */
export function isTextPair(raw: unknown): raw is TextPair {
  if (!isRecord(raw) || !('text' in raw && 'pair' in raw)) return false;
  const { text, pair, ...others } = raw;
  const [other] = Object.keys(others);
  if (typeof text === 'string' && typeof pair === 'string' && other === undefined) return true;
  throw new SampleError({
    expected: 'a pair of texts, { text, pair }, both strings',
    received:
      other === undefined
        ? `{ text: ${describeValue(text)}, pair: ${describeValue(pair)} }`
        : `one with "${other}" too`,
  });
}
