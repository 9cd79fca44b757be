import type { AlignedText, Range } from './aligned-text';

/** What happens to what a text is split at. */
export type SplitBehavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/** A stretch of a text that is, or lies between, what it is split at. */
interface Stretch {
  start: number;
  end: number;
  isMatch: boolean;
}

/** The parts of a text between and, as `behavior` says, at the matches of a pattern; `invert` swaps the two. */
export function splitAt(
  text: AlignedText,
  matches: readonly Range[],
  behavior: SplitBehavior,
  invert = false,
): AlignedText[] {
  return text.slices(ranges(stretches(text.text.length, matches, invert), behavior));
}

/** Of a text, the stretches of characters that a test holds for, one by one. */
export function matchingCharacters(text: string, test: (point: number) => boolean): Range[] {
  const matches: Range[] = [];
  for (let start = 0; start < text.length; ) {
    const point = text.codePointAt(start)!;
    const end = start + (point > 0xffff ? 2 : 1);
    if (test(point)) matches.push({ start, end });
    start = end;
  }
  return matches;
}

function stretches(length: number, matches: readonly Range[], invert: boolean): Stretch[] {
  const found: Stretch[] = [];
  let previous = 0;
  for (const { start, end } of matches) {
    if (previous !== start) found.push({ start: previous, end: start, isMatch: invert });
    found.push({ start, end, isMatch: !invert });
    previous = end;
  }
  if (previous !== length) found.push({ start: previous, end: length, isMatch: invert });
  return found;
}

function ranges(found: readonly Stretch[], behavior: SplitBehavior): readonly Range[] {
  switch (behavior) {
    case 'Isolated':
      return found;
    case 'Removed':
      return found.filter(({ isMatch }) => !isMatch);
    case 'Contiguous':
      return merged(found, (isMatch, wasMatch) => isMatch === wasMatch);
    case 'MergedWithPrevious':
      return merged(found, (isMatch, wasMatch) => isMatch && !wasMatch);
    case 'MergedWithNext':
      return merged([...found].reverse(), (isMatch, wasMatch) => isMatch && !wasMatch).reverse();
  }
}

/** Stretches put together with their neighbour where `joins` holds; nothing came before the first, which is no match. */
function merged(found: readonly Stretch[], joins: (isMatch: boolean, wasMatch: boolean) => boolean): Range[] {
  const whole: { start: number; end: number }[] = [];
  let wasMatch = false;
  for (const { start, end, isMatch } of found) {
    const last = whole.at(-1);
    if (last && joins(isMatch, wasMatch)) {
      last.start = Math.min(last.start, start);
      last.end = Math.max(last.end, end);
    } else {
      whole.push({ start, end });
    }
    wasMatch = isMatch;
  }
  return whole;
}
