import type { AlignedText, Range } from './aligned-text';
import { byteCharacters } from './byte-characters';
import { type Pattern, RegularExpression } from './pattern/pattern';
import { matchingCharacters, type SplitBehavior, splitAt } from './split';
import { type PreTokenizer, splitParts } from './text-parts';
import { isNumeric, isPunctuation, isWhiteSpace, isWord } from './unicode/characters';
import { scriptOf } from './unicode/script';

/** One pre-tokenizer after another. */
export function preTokenizerSequence(preTokenizers: readonly PreTokenizer[]): PreTokenizer {
  return (text, effort) => preTokenizers.reduce((parts, split) => split(parts, effort), text);
}

/** Splits at single characters. */
export function characterSplitter(test: (point: number) => boolean, behavior: SplitBehavior): PreTokenizer {
  return (text) => splitParts(text, (part) => splitAt(part, matchingCharacters(part.text, test), behavior));
}

export const whitespaceSplit = characterSplitter(isWhiteSpace, 'Removed');
export const digits = (individually: boolean) => characterSplitter(isNumeric, individually ? 'Isolated' : 'Contiguous');
export const punctuation = (behavior: SplitBehavior) => characterSplitter(isPunctuation, behavior);
export const bert = preTokenizerSequence([whitespaceSplit, punctuation('Isolated')]);

/** Words, and what stands together that is neither a word nor white: `\w+|[^\w\s]+`. */
export const whitespace: PreTokenizer = (text) => splitParts(text, (part) => part.slices(wordsOf(part.text)));

function wordsOf(text: string): Range[] {
  const words: Range[] = [];
  let kind = 0;
  let start = 0;
  for (let position = 0; position <= text.length; ) {
    const point = text.codePointAt(position) ?? -1;
    const next = point < 0 ? 0 : isWord(point) ? 1 : isWhiteSpace(point) ? 0 : 2;
    if (next !== kind) {
      if (kind > 0) words.push({ start, end: position });
      kind = next;
      start = position;
    }
    position += point > 0xffff ? 2 : 1;
  }
  return words;
}

/** Splits at what a pattern matches. */
export function split(pattern: Pattern, behavior: SplitBehavior, invert: boolean): PreTokenizer {
  return (text, effort) =>
    splitParts(text, (part, isWhole) => splitAtPattern(part, isWhole, pattern, behavior, invert, effort));
}

function splitAtPattern(
  part: AlignedText,
  isWhole: boolean,
  pattern: Pattern,
  behavior: SplitBehavior,
  invert: boolean,
  effort: Parameters<PreTokenizer>[1],
): readonly AlignedText[] {
  const { matches, certainUpTo, opensAt } = pattern.findAll(part.text, effort);
  // A word whose end is not in sight is the last part, and its beginning may already give all tokens that are asked for.
  const isWord = behavior === 'Isolated' || (behavior === 'Removed' && invert);
  if (isWhole || (isWord && opensAt !== undefined)) return splitAt(part, matches, behavior, invert);
  const certain = matches.filter(({ start, end }) => start < certainUpTo && end <= certainUpTo);
  return splitAt(part.keep(0, certainUpTo), certain, behavior, invert);
}

/** What GPT-2 splits at. */
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
let gpt2: Pattern | undefined;

export interface ByteLevelOptions {
  readonly add_prefix_space: boolean;
  readonly use_regex: boolean;
}

/** Bytes as printable characters, split as GPT-2 does. */
export function byteLevel({ add_prefix_space, use_regex }: ByteLevelOptions): PreTokenizer {
  return (text, effort) => {
    const words = splitParts(text, (part, isWhole) => {
      const begun = add_prefix_space && !part.text.startsWith(' ') ? part.prepend(' ') : part;
      if (!use_regex) return [begun];
      gpt2 ??= new RegularExpression(gpt2Pattern, 'ByteLevel');
      return splitAtPattern(begun, isWhole, gpt2, 'Isolated', false, effort);
    });
    const parts = words.parts.map((part) => (part.tokens ? part : { text: part.text.mapCharacters(byteCharacters) }));
    return { ...words, parts };
  };
}

export interface MetaspaceOptions {
  readonly replacement: string;
  readonly prependScheme: 'first' | 'never' | 'always';
  readonly split: boolean;
}

/** Spaces as characters that begin words (SentencePiece). */
export function metaspace({ replacement, prependScheme, split: splits }: MetaspaceOptions): PreTokenizer {
  const mark = replacement.codePointAt(0)!;
  return (text, effort) =>
    splitParts(text, (part) => {
      const spaces = matchingCharacters(part.text, (point) => point === 0x20);
      const replaced = part.replace(spaces, replacement, effort.allowLength);
      const isFirst = prependScheme === 'always' || (prependScheme === 'first' && part.shift === 0);
      const begun = isFirst && !replaced.text.startsWith(replacement) ? replaced.prepend(replacement) : replaced;
      if (!splits) return [begun];
      return splitAt(
        begun,
        matchingCharacters(begun.text, (point) => point === mark),
        'MergedWithNext',
      );
    });
}

/** Pieces of so many characters. */
export function fixedLength(length: number): PreTokenizer {
  return (text) =>
    splitParts(text, (part) => {
      const pieces: Range[] = [];
      let start = 0;
      let count = 0;
      for (let position = 0; position < part.text.length; ) {
        position += part.text.codePointAt(position)! > 0xffff ? 2 : 1;
        count++;
        if (count < length && position < part.text.length) continue;
        pieces.push({ start, end: position });
        start = position;
        count = 0;
      }
      return part.slices(pieces);
    });
}

/** Where one script follows another; kana belong to Han, and a space to what stands before it. */
export const unicodeScripts: PreTokenizer = (text) =>
  splitParts(text, (part) => {
    const starts: number[] = [];
    let last: string | undefined;
    for (let position = 0; position < part.text.length; ) {
      const point = part.text.codePointAt(position)!;
      const script = scriptOf(point);
      if (script !== 'Any' && last !== 'Any' && script !== last) starts.push(position);
      if (script !== 'Any') last = script;
      position += point > 0xffff ? 2 : 1;
    }
    return part.slices(starts.map((start, index) => ({ start, end: starts[index + 1] ?? part.text.length })));
  });
