/**
 * A text without punctuation of ASCII, in lower case and with single spaces, behind the mark that begins a word (HF
 * `SiglipTokenizer`). The mark comes first, so that spaces before a text are not lost, as in Python; alone it is nothing.
 */
export function canonicalText(text: string, lowerCase: boolean): string {
  const marked = `▁${text.replaceAll('▁', ' ')}`;
  const cased = lowerCase ? marked.toLowerCase() : marked;
  return cased.replaceAll(punctuation, '').replaceAll(whitespace, ' ').replace(/ $/, '').replace(/^▁$/, '');
}

const punctuation = /[!-/:-@[-`{-~]/g;

/** What Python takes for white space, which is not quite what JavaScript does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators of ASCII are white space to Python
const whitespace = /[\p{White_Space}\u{1C}-\u{1F}]+/gu;
