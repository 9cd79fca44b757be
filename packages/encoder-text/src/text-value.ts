import { describeValue, SampleError } from '@polymodal/core';
import type { ChatText } from './chat/chat-text';
import { isTextPair, type TextPair } from './text-pair';

/** What a text processor reads, beside documents. */
export type TextValue = string | TextPair | ChatText;

/** A text, or the two of a pair. */
export function textsOf(raw: TextValue): readonly [string, string?] {
  return isTextPair(raw) ? [raw.text, raw.pair] : [requireText(raw)];
}

/** @throws SampleError for what is no string */
export function requireText(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  throw new SampleError({
    expected: 'a string',
    received: describeValue(raw),
    hint: Array.isArray(raw)
      ? 'A document is a list of parts, each under the name of its slot: [{ text: … }, { image: … }].'
      : 'Leave the modality out (or undefined) where there is no text.',
  });
}
