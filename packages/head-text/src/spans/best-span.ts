import type { LocatedText } from './located-text';

/** How probable it is that an answer begins, and ends, at a token: logits, by token. */
export interface BoundaryLogits {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** An answer that stands in a text. */
export interface FoundAnswer {
  /** As it stands in the text. */
  readonly text: string;
  /** Where it begins, in units of UTF-16: `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** How probable it is that it begins there, and that it ends there, among all tokens of the text, multiplied. */
  readonly score: number;
}

/** The best answer, and how much more there is to none. */
export interface BestSpan {
  /** `undefined` where no token of the text was seen. */
  readonly answer: FoundAnswer | undefined;
  /** The logits of no answer less those of the best; `undefined` where no token stands for none. */
  readonly noAnswer: number | undefined;
}

/**
 * The stretch of a text, of at most so many tokens and within one window, with the largest sum of logits of beginning and end, and by how much no
 * answer is above it: of all windows the least, as each that does not have the answer says so (HF `postprocess_qa_predictions`; all pairs of tokens
 * are looked at here, not only the 20 best beginnings and ends).
 */
export function bestSpan(
  { text, tokens }: LocatedText,
  { starts, ends }: BoundaryLogits,
  { maxTokens, mayBeNone }: { readonly maxTokens: number; readonly mayBeNone: boolean },
): BestSpan {
  let best: { from: number; to: number; sum: number } | undefined;
  let none: number | undefined;
  tokens.forEach((token, from) => {
    if (token.start < 0) {
      const isFirst = from === 0 || tokens[from - 1]!.window !== token.window;
      const sum = starts[from]! + ends[from]!;
      if (isFirst && !(none !== undefined && none <= sum)) none = sum;
      return;
    }
    for (let to = from; to < Math.min(tokens.length, from + maxTokens); to++) {
      const last = tokens[to]!;
      if (last.window !== token.window || last.start < 0) break;
      const sum = starts[from]! + ends[to]!;
      if (last.end > token.start && (!best || sum > best.sum)) best = { from, to, sum };
    }
  });
  if (!best) return { answer: undefined, noAnswer: mayBeNone ? none : undefined };
  const isSeen = (place: number) =>
    tokens[place]!.start >= 0 || (mayBeNone && (place === 0 || tokens[place - 1]!.window !== tokens[place]!.window));
  const seen = [...tokens.keys()].filter(isSeen);
  const score = share(starts, best.from, seen) * share(ends, best.to, seen);
  const [start, end] = [tokens[best.from]!.start, tokens[best.to]!.end];
  return {
    answer: { text: text.slice(start, end), start, end, score },
    noAnswer: mayBeNone && none !== undefined ? none - best.sum : undefined,
  };
}

/** The softmax of one among some. */
function share(logits: readonly number[], own: number, seen: readonly number[]): number {
  return 1 / seen.reduce((sum, place) => sum + Math.exp(logits[place]! - logits[own]!), 0);
}
