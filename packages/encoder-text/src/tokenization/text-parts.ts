import type { AlignedText } from './aligned-text';
import type { Effort } from './effort';

/** A token of a text: its range is one of bytes in the part that it was found in. */
export interface Token {
  readonly id: number;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A part of a text, and its tokens where they are known. */
export interface TextPart {
  readonly text: AlignedText;
  readonly tokens?: readonly Token[];
}

/**
 * A text on its way to tokens.
 *
 * Of a long text only the beginning is read, as far as it is needed. Then the last part is one of which more may follow, and
 * every step leaves out what more text could change: what is left is the beginning of what the whole would give.
 */
export interface TextParts {
  readonly parts: readonly TextPart[];
  /** Whether this is the whole text. */
  readonly isWhole: boolean;
}

/** What changes a text before it is split. Gives the beginning that is certain where more text may follow. */
export type Normalizer = (text: AlignedText, isWhole: boolean, effort: Effort) => AlignedText;

/** What splits the parts of a text into words. */
export type PreTokenizer = (text: TextParts, effort: Effort) => TextParts;

/** Parts that have no tokens yet, put in place of each by `split`, which is told whether it is all there. */
export function splitParts(
  { parts, isWhole }: TextParts,
  split: (text: AlignedText, isWhole: boolean) => readonly AlignedText[],
): TextParts {
  const found: TextPart[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.tokens) {
      found.push(part);
      continue;
    }
    for (const text of split(part.text, isWhole || index < parts.length - 1)) {
      if (text.text !== '') found.push({ text });
    }
  }
  return { parts: found, isWhole };
}
