import { byteOf } from './byte-characters';
import type { Effort } from './effort';
import type { Pattern } from './pattern/pattern';

/** Makes other pieces of text of tokens; put one after another they are the text. */
export type Decoder = (tokens: readonly string[], effort: Effort) => readonly string[];

/** One decoder after another. */
export function decoderSequence(decoders: readonly Decoder[]): Decoder {
  return (tokens, effort) => decoders.reduce((pieces, decode) => decode(pieces, effort), tokens);
}

/** The suffix of the last token of a word as a space, but at the end. */
export function bpeDecoder(suffix: string): Decoder {
  return (tokens) => tokens.map((token, index) => replaceText(token, suffix, index === tokens.length - 1 ? '' : ' '));
}

/** The bytes that characters stand for, as UTF-8. */
export const byteLevelDecoder: Decoder = (tokens) => {
  const bytes = tokens.flatMap((token) => {
    const found = Array.from(token, byteOf);
    return found.every((byte) => byte !== undefined) ? found : Array.from(encoder.encode(token));
  });
  return [lenient.decode(Uint8Array.from(bytes))];
};

export function wordPieceDecoder({ prefix, cleanup }: { readonly prefix: string; readonly cleanup: boolean }): Decoder {
  return (tokens) =>
    tokens.map((token, index) => {
      const continues = token.startsWith(prefix);
      const piece = index === 0 ? token : continues ? token.slice(prefix.length) : ` ${token}`;
      return cleanup ? cleanUp(piece) : piece;
    });
}

export interface MetaspaceDecoderOptions {
  readonly replacement: string;
  readonly prependScheme: 'first' | 'never' | 'always';
}

export function metaspaceDecoder({ replacement, prependScheme }: MetaspaceDecoderOptions): Decoder {
  return (tokens) =>
    tokens.map((token, index) => replaceText(token, replacement, index === 0 && prependScheme !== 'never' ? '' : ' '));
}

export interface CtcOptions {
  readonly pad_token: string;
  readonly word_delimiter_token: string;
  readonly cleanup: boolean;
}

/** Connectionist temporal classification (Graves et al. 2006): repeated tokens are one, and blanks are nothing. */
export function ctcDecoder({ pad_token, word_delimiter_token, cleanup }: CtcOptions): Decoder {
  return (tokens) =>
    tokens
      .filter((token, index) => index === 0 || token !== tokens[index - 1])
      .map((token) => {
        const piece = replaceText(token, pad_token, '');
        return cleanup ? replaceText(cleanUp(piece), word_delimiter_token, ' ') : piece;
      })
      .filter((piece) => piece !== '');
}

export function replaceDecoder(pattern: Pattern, content: string): Decoder {
  return (tokens, effort) =>
    tokens.map((token) => {
      if (token === '') return ''; // where there is nothing, Rust finds nothing, be it nothing that is looked for
      let piece = '';
      let position = 0;
      for (const { start, end } of pattern.findAll(token, effort).matches) {
        piece += token.slice(position, start) + content;
        position = end;
      }
      piece += token.slice(position);
      effort.allowLength(piece.length);
      return piece;
    });
}

/** So many of a character taken away at the beginning and the end of each token. */
export function stripDecoder({ content, start, stop }: { content: string; start: number; stop: number }): Decoder {
  return (tokens) =>
    tokens.map((token) => {
      const characters = Array.from(token);
      let from = 0;
      while (from < Math.min(start, characters.length) && characters[from] === content) from++;
      let to = characters.length;
      while (to > Math.max(from, characters.length - stop) && characters[to - 1] === content) to--;
      return characters.slice(from, to).join('');
    });
}

export const fuseDecoder: Decoder = (tokens) => [tokens.join('')];

/** Tokens of bytes as characters; where they are none, each is U+FFFD. */
export const byteFallbackDecoder: Decoder = (tokens) => {
  const pieces: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    for (const piece of bytes.length > 0 ? charactersOf(bytes) : []) pieces.push(piece);
    bytes = [];
  };
  for (const token of tokens) {
    const [, digits] = /^<0x([0-9a-fA-F]{2}|\+[0-9a-fA-F])>$/.exec(token) ?? [];
    if (digits === undefined) {
      flush();
      pieces.push(token);
    } else {
      bytes.push(Number.parseInt(digits, 16));
    }
  }
  flush();
  return pieces;
};

function charactersOf(bytes: readonly number[]): string[] {
  try {
    return [strict.decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => '\uFFFD');
  }
}

const encoder = new TextEncoder();
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** English as it is written, of tokens with spaces between. */
function cleanUp(text: string): string {
  return replaceAll(text, [...beforeContractions, [' do not', " don't"], ...contractions]);
}

/** What transformers does with decoded texts for `clean_up_tokenization_spaces`. */
export function withoutSpaces(text: string): string {
  return replaceAll(text, [...beforeContractions, ...contractions]);
}

type Replacement = readonly [string, string];

function replaceAll(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((each, [from, to]) => each.replaceAll(from, to), text);
}

const beforeContractions: readonly Replacement[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
];
const contractions: readonly Replacement[] = [
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** As Rust does it: nothing stands between any two characters, and at both ends. */
function replaceText(text: string, from: string, to: string): string {
  if (from !== '') return text.split(from).join(to);
  return to + Array.from(text, (character) => character + to).join('');
}
