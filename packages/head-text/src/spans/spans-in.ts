import type { LocatedText, LocatedToken } from './located-text';
import { joinTagged, type LabelledSpan } from './tags';
import { wordsOf } from './token-target';

/** A span that was found in a text. */
export interface FoundSpan extends LabelledSpan {
  /** As it stands in the text. */
  readonly text: string;
  /** How probable the tags of its tokens, or words, are on average. */
  readonly score: number;
}

/**
 * The spans of a text, from what is said of each of its tokens (HF `TokenClassificationPipeline` with `aggregation_strategy` `first` or
 * `simple`). Words are as the tokenizer parts the text.
 *
 * @param scored by token, a logit for each tag
 */
export function spansIn(
  { text, tokens }: LocatedText,
  scored: readonly ArrayLike<number>[],
  tags: readonly string[],
  aggregation: 'first' | 'simple',
): FoundSpan[] {
  const once = withMostContext(tokens);
  const places = new Map(tokens.map((token, place) => [token, place]));
  const own = aggregation === 'simple' ? once : wordsOf(once.map((token) => ({ ...token, window: 0 })));
  const firstOf = new Map(once.map((token) => [token.index, token]));
  const units = own.flatMap(({ start, end, index }) => {
    const logits = scored[places.get(firstOf.get(index)!)!];
    return logits ? [{ start, end, ...mostProbable(logits, tags) }] : [];
  });
  const spans = joinTagged(units, (label, joined) => {
    const [start, end] = [joined[0]!.start, joined.at(-1)!.end];
    const score = joined.reduce((sum, unit) => sum + unit.score, 0) / joined.length;
    return { start, end, text: text.slice(start, end), label, score };
  });
  return spans.filter(({ start, end }) => start < end);
}

/** Each token of the text once: of those in two windows, the one that has more on its shorter side. */
function withMostContext(tokens: readonly LocatedToken[]): LocatedToken[] {
  const bounds = new Map<number, { first: number; last: number }>();
  for (const { window, index } of tokens) {
    if (index < 0) continue;
    const own = bounds.get(window);
    bounds.set(window, { first: own?.first ?? index, last: index });
  }
  const contextOf = ({ window, index }: LocatedToken) => {
    const { first, last } = bounds.get(window)!;
    return Math.min(index - first, last - index);
  };
  const best: LocatedToken[] = [];
  for (const token of tokens) {
    if (token.index < 0) continue;
    const other = best[token.index];
    if (!other || contextOf(token) > contextOf(other)) best[token.index] = token;
  }
  return best.filter((token) => token !== undefined);
}

function mostProbable(
  logits: ArrayLike<number>,
  tags: readonly string[],
): { readonly tag: string; readonly score: number } {
  const values = Array.from(logits);
  const highest = Math.max(...values);
  const sum = values.reduce((total, value) => total + Math.exp(value - highest), 0);
  return { tag: tags[values.indexOf(highest)]!, score: 1 / sum };
}
