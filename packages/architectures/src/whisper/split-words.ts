/** A word of a text, and which of the tokens it has. */
export interface TokenWord {
  readonly text: string;
  /** The first and the last of them. */
  readonly first: number;
  readonly last: number;
}

/** Languages that put no spaces between their words. */
const withoutSpaces = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);

const opening = '"\'“¡¿([{-';
const closing = '"\'.。,，!！?？:：”)]}、';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/**
 * The words of a text, each with the punctuation that belongs to it (HF `_combine_tokens_into_words`); of languages without spaces its characters.
 *
 * @param ids    without special ones
 * @param decode the text of tokens
 */
export function splitWords(
  ids: readonly number[],
  decode: (ids: readonly number[]) => string,
  language: string | undefined,
): TokenWord[] {
  const characters = splitCharacters(ids, decode);
  const isSpaced = language === undefined || !withoutSpaces.has(language);
  return withPunctuation(isSpaced ? joinedBetweenSpaces(characters) : characters);
}

/** Tokens that are whole characters together. */
function splitCharacters(ids: readonly number[], decode: (ids: readonly number[]) => string): TokenWord[] {
  const whole = decode(ids);
  const found: TokenWord[] = [];
  let [first, offset] = [0, 0];
  for (const last of ids.keys()) {
    const text = decode(ids.slice(first, last + 1));
    const cut = text.indexOf(unknown);
    // A character that is none in the whole text either is one of the text's own.
    if (cut >= 0 && offset + cut < whole.length && whole[offset + cut] !== unknown) continue;
    found.push({ text, first, last });
    [first, offset] = [last + 1, offset + text.length];
  }
  return found;
}

const unknown = '\ufffd';

function joinedBetweenSpaces(parts: readonly TokenWord[]): TokenWord[] {
  const words: TokenWord[] = [];
  for (const part of parts) {
    const before = words.at(-1);
    const begins = part.text.startsWith(' ') || punctuation.includes(part.text.trim());
    if (before === undefined || begins) words.push(part);
    else words[words.length - 1] = joined(before, part);
  }
  return words;
}

/** Opening marks go to the word behind them, closing ones to that before. */
function withPunctuation(parts: readonly TokenWord[]): TokenWord[] {
  const opened: TokenWord[] = [];
  for (const part of [...parts].reverse()) {
    const behind = opened.at(-1);
    const isOpening = part.text.startsWith(' ') && opening.includes(part.text.trim());
    if (behind !== undefined && isOpening) opened[opened.length - 1] = joined(part, behind);
    else opened.push(part);
  }
  const words: TokenWord[] = [];
  for (const part of opened.reverse()) {
    const before = words.at(-1);
    if (before !== undefined && !before.text.endsWith(' ') && closing.includes(part.text))
      words[words.length - 1] = joined(before, part);
    else words.push(part);
  }
  return words.filter(({ text }) => text !== '');
}

function joined(one: TokenWord, other: TokenWord): TokenWord {
  return { text: one.text + other.text, first: one.first, last: other.last };
}
