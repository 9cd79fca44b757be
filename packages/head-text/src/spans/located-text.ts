import { describeValue, type Features, SampleError, type TokenPlaces, tokenPlaces } from '@polymodal/core';

/** A token that a slot's encoder was given. Those that are not in the text have −1 for all but the window. */
export interface LocatedToken {
  /** Where it begins in the text, in units of UTF-16. */
  readonly start: number;
  readonly end: number;
  /** Which word it is of. */
  readonly word: number;
  /** Which of the text's tokens it is: in windows that overlap, one token stands in two. */
  readonly index: number;
  readonly window: number;
}

/** A text, and its tokens in the order in which the encoder was given them, those of one window after the other. */
export interface LocatedText {
  readonly text: string;
  readonly tokens: readonly LocatedToken[];
  readonly windows: number;
}

/**
 * What the features of a slot say of its text.
 *
 * @param slot how error messages call it
 * @throws SampleError for a document or a conversation, and for several texts: what would places in them be of?
 */
export function locatedText(features: Features, slot: string): LocatedText {
  const places = tokenPlaces(features);
  const firsts = places.map(({ firstToken }) => firstToken.data[0]!);
  const isOne =
    places.length > 0 && firsts.every((first, window) => (window === 0 ? first === 0 : first > firsts[window - 1]!));
  if (!isOne) {
    throw new SampleError({
      where: slot,
      expected: 'one text, or a pair of texts, in which places can be named',
      received: places.length === 0 ? 'a document or a conversation' : 'several texts',
    });
  }
  return {
    text: places.map(({ characters }) => textOf(characters.data)).join(''),
    tokens: places.flatMap(tokensOf),
    windows: places.length,
  };
}

function tokensOf({ offsets, words, firstToken }: TokenPlaces, window: number): LocatedToken[] {
  let next = firstToken.data[0]!;
  return Array.from(words.data, (word, at) => {
    const [start, end] = [offsets.data[2 * at]!, offsets.data[2 * at + 1]!];
    return { start, end, word, index: start < 0 ? -1 : next++, window };
  });
}

/** Units of UTF-16 as a text. */
export function textOf(units: ArrayLike<number>): string {
  const pieces: string[] = [];
  for (let from = 0; from < units.length; from += unitsAtOnce) {
    const length = Math.min(unitsAtOnce, units.length - from);
    pieces.push(String.fromCharCode(...Array.from({ length }, (_, at) => units[from + at]!)));
  }
  return pieces.join('');
}

/** As arguments of one call. */
const unitsAtOnce = 4096;

/** From `start` up to `end`, in units of UTF-16, as `text.slice(start, end)` takes them. */
export interface CharacterSpan {
  readonly start: number;
  readonly end: number;
}

/** @throws SampleError for what is no span of the text: beyond it, empty, of white space alone, or with half a character at an end */
export function requireSpan(
  { start, end }: { readonly start: unknown; readonly end: unknown },
  text: string,
): CharacterSpan {
  const [from, to] = [start, end] as readonly number[];
  const isWithin = Number.isInteger(from) && Number.isInteger(to) && from! >= 0 && from! < to! && to! <= text.length;
  if (!isWithin) {
    throw new SampleError({
      expected: `a span of the text, with 0 ≤ start < end ≤ ${text.length}, in units of UTF-16`,
      received: `start ${describeValue(start)}, end ${describeValue(end)}`,
      hint: 'Positions are those of JavaScript, text.slice(start, end): Python counts code points, so that an emoji is one there and two here.',
    });
  }
  const cut = [from!, to!].find((at) => isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1)));
  if (cut === undefined) return written(text, { start: from!, end: to! });
  throw new SampleError({
    expected: 'a span of whole characters',
    received: `one with an end at ${cut}, in the middle of ${JSON.stringify(text.slice(cut - 1, cut + 1))}`,
    hint: 'Positions are units of UTF-16, of which such a character has two.',
  });
}

/** White space is of no word, so that nothing could be learned of it. */
function written(text: string, span: CharacterSpan): CharacterSpan {
  const own = text.slice(span.start, span.end);
  if (own.trim() !== '') return span;
  throw new SampleError({
    expected: 'a span with something written in it',
    received: `white space alone, ${JSON.stringify(own)}, from ${span.start} to ${span.end}`,
    hint: 'Where there is no answer, say so by an empty list; leave out what marks nothing.',
  });
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;
