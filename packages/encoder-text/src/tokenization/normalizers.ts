import type { AlignedText } from './aligned-text';
import { byteCharacters } from './byte-characters';
import type { Pattern } from './pattern/pattern';
import type { PrecompiledCharacters } from './precompiled-characters';
import type { Normalizer } from './text-parts';
import { isControl, isMark, isNonspacingMark, isWhiteSpace, lowerCase } from './unicode/characters';
import { beginsAnew, isPlain, type NormalForm, normalForm } from './unicode/normal-form';

/** One normalizer after another. */
export function sequence(normalizers: readonly Normalizer[]): Normalizer {
  return (text, isWhole, effort) => normalizers.reduce((each, normalize) => normalize(each, isWhole, effort), text);
}

/** Every character replaced by others, or by none. */
function characterNormalizer(change: (character: string) => string): Normalizer {
  let ofAscii: readonly string[] | undefined;
  return (text, _, effort) => {
    ofAscii ??= Array.from({ length: 0x80 }, (_, code) => change(String.fromCharCode(code)));
    const known = ofAscii;
    const changed = text.mapCharacters((character) => known[character.charCodeAt(0)] ?? change(character));
    effort.allowLength(changed.text.length);
    return changed;
  };
}

export const lowercase = characterNormalizer(lowerCase);
export const stripAccents = characterNormalizer((character) => (isMark(character.codePointAt(0)!) ? '' : character));
export const byteLevel = characterNormalizer(byteCharacters);

/** The normaliser of SentencePiece for machine translation (`nmt_nfkc` without the NFKC). */
export const nmt = characterNormalizer((character) => {
  const point = character.codePointAt(0)!;
  if (nmtRemoves(point)) return '';
  return nmtSpaces.has(point) || (point >= 0x200b && point <= 0x200f) ? ' ' : character;
});

function nmtRemoves(point: number): boolean {
  const isControlCharacter = (point >= 0x1 && point <= 0x8) || point === 0xb || (point >= 0xe && point <= 0x1f);
  return isControlCharacter || point === 0x7f || point === 0x8f || point === 0x9f;
}

const nmtSpaces = new Set([0x9, 0xa, 0xc, 0xd, 0x1680, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd]);

/** A normal form of Unicode. */
export function normalFormNormalizer(form: NormalForm): Normalizer {
  return (text, isWhole, effort) => {
    const known = beforeLast(text, isWhole, beginsAnew);
    if (isPlain(known.text, form)) return known;
    const changes = normalForm(known.text, form);
    effort.allowLength(changes.length);
    return known.transform(changes);
  };
}

export interface BertNormalizerOptions {
  readonly clean_text: boolean;
  readonly handle_chinese_chars: boolean;
  readonly strip_accents: boolean | null;
  readonly lowercase: boolean;
}

/** The normalizer of BERT (HF `BertNormalizer`). */
export function bertNormalizer(options: BertNormalizerOptions): Normalizer {
  const steps: Normalizer[] = [];
  if (options.clean_text) steps.push(characterNormalizer(cleaned));
  if (options.handle_chinese_chars) steps.push(characterNormalizer(setApart));
  if (options.strip_accents ?? options.lowercase) {
    steps.push(normalFormNormalizer('NFD'));
    steps.push(characterNormalizer((character) => (isNonspacingMark(character.codePointAt(0)!) ? '' : character)));
  }
  if (options.lowercase) steps.push(lowercase);
  return sequence(steps);
}

function cleaned(character: string): string {
  const point = character.codePointAt(0)!;
  if (point === 0 || isControl(point)) return '';
  return isWhiteSpace(point) ? ' ' : character;
}

function setApart(character: string): string {
  return isHan(character.codePointAt(0)!) ? ` ${character} ` : character;
}

/** The blocks that BERT takes for Chinese. */
function isHan(point: number): boolean {
  if (point < 0x3400) return false;
  return (
    (point >= 0x4e00 && point <= 0x9fff) ||
    point <= 0x4dbf ||
    (point >= 0x20000 && point <= 0x2a6df) ||
    (point >= 0x2a700 && point <= 0x2b73f) ||
    (point >= 0x2b740 && point <= 0x2b81f) ||
    (point >= 0x2b920 && point <= 0x2ceaf) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0x2f800 && point <= 0x2fa1f)
  );
}

/** White space taken away at the ends. */
export function strip({ left, right }: { readonly left: boolean; readonly right: boolean }): Normalizer {
  return (text, isWhole) => {
    const { text: letters } = text;
    let start = 0;
    let end = letters.length;
    // All of it is in the first plane.
    while (left && start < end && isWhiteSpace(letters.charCodeAt(start))) start++;
    // What is white at the end of a beginning may be followed by something.
    while ((right || !isWhole) && end > start && isWhiteSpace(letters.charCodeAt(end - 1))) end--;
    return text.keep(start, end);
  };
}

/** What a pattern matches, replaced by a text. */
export function replace(pattern: Pattern, content: string): Normalizer {
  return (text, isWhole, effort) => {
    const { matches, certainUpTo } = pattern.findAll(text.text, effort);
    if (isWhole) return text.replace(matches, content, effort.allowLength);
    const certain = matches.filter(({ start, end }) => start < certainUpTo && end <= certainUpTo);
    return text.keep(0, certainUpTo).replace(certain, content, effort.allowLength);
  };
}

export function prepend(content: string): Normalizer {
  return (text, _, effort) => {
    effort.allowLength(text.text.length + content.length);
    return text.prepend(content);
  };
}

/** The normalisation that a SentencePiece model brings. */
export function precompiled(characters: PrecompiledCharacters): Normalizer {
  return (text, isWhole, effort) => {
    // Between two characters of ASCII there is always the end of a grapheme.
    const known = beforeLast(text, isWhole, (point, previous) => point < 0x80 && previous < 0x80 && point !== 0xa);
    const changes = characters.changes(known.text);
    if (!changes) return known;
    effort.allowLength(changes.length);
    return known.transform(changes);
  };
}

/** A beginning up to the last character before which nothing changes any more. */
function beforeLast(
  text: AlignedText,
  isWhole: boolean,
  isBoundary: (unit: number, previous: number) => boolean,
): AlignedText {
  if (isWhole) return text;
  let end = text.text.length - 1;
  while (end > 0 && !isBoundary(text.text.charCodeAt(end), text.text.charCodeAt(end - 1))) end--;
  return text.keep(0, Math.max(0, end));
}
