import { byteOf } from './byte-characters';
import { Effort } from './effort';
import type { Pattern } from './pattern/pattern';
import type { TextChange } from './text-change';

/** A piece of text, or a part of one that the next part goes on with. */
export interface Piece {
  readonly text: string;
  readonly goesOn: boolean;
}

/** Makes other pieces of text of tokens that come one by one; put one after another they are the text. */
interface PieceDecoder {
  /** @returns what is certain now */
  add(piece: Piece, effort: Effort): readonly Piece[];
  /** @returns what was held back until it was known what comes next */
  end(effort: Effort): readonly Piece[];
}

/** How tokens become a text. */
export interface Decoder {
  begin(): PieceDecoder;
  /** What a token adds to a text behind others: a piece, or bytes, of which characters may need several. Without this it depends on these others. */
  readonly behind?: ((token: string) => string | Uint8Array) | undefined;
}

/** One decoder after another. */
export function decoderSequence(decoders: readonly Decoder[]): Decoder {
  const begin = () => {
    const parts = decoders.map((decoder) => decoder.begin());
    const through = (pieces: readonly Piece[], first: number, effort: Effort) =>
      parts.slice(first).reduce((given, decoder) => given.flatMap((piece) => decoder.add(piece, effort)), pieces);
    return {
      add: (piece: Piece, effort: Effort) => through([piece], 0, effort),
      end: (effort: Effort) => parts.flatMap((decoder, index) => through(decoder.end(effort), index + 1, effort)),
    };
  };
  const behind = (token: string) =>
    decoders.reduce<string | Uint8Array>(
      (piece, decoder) => (typeof piece === 'string' ? decoder.behind!(piece) : piece),
      token,
    );
  return { begin, ...(decoders.every((decoder) => decoder.behind) && { behind }) };
}

/** Tokens as words, where a file names no decoder. */
export const spacesBetween: Decoder = eachToken((token, isFirst) => (isFirst ? token : ` ${token}`));

/** The suffix of the last token of a word as a space, but at the end. */
export function bpeDecoder(suffix: string): Decoder {
  return wholePieces(() => {
    let held: string | undefined;
    const taken = (space: string) => (held === undefined ? [] : [replaceText(held, suffix, space)]);
    return {
      add(token) {
        const before = taken(' ');
        held = token;
        return before;
      },
      end: () => taken(''),
    };
  });
}

/** The bytes that characters stand for, as UTF-8: one piece. */
export const byteLevelDecoder: Decoder = { begin: utf8Pieces, behind: bytesOf };

function utf8Pieces(): PieceDecoder {
  const characters = new TextDecoder('utf-8', { ignoreBOM: true });
  const part = (text: string) => (text === '' ? [] : [{ text, goesOn: true }]);
  const decoder = wholePieces(() => ({
    add: (token) => [characters.decode(bytesOf(token), { stream: true })],
    end: () => [characters.decode()],
  })).begin();
  return {
    add: (piece, effort) => decoder.add(piece, effort).flatMap(({ text }) => part(text)),
    end: (effort) => [...decoder.end(effort).flatMap(({ text }) => part(text)), endOfPiece],
  };
}

export function wordPieceDecoder({ prefix, cleanup }: { readonly prefix: string; readonly cleanup: boolean }): Decoder {
  return eachToken((token, isFirst) => {
    const continues = token.startsWith(prefix);
    const piece = isFirst ? token : continues ? token.slice(prefix.length) : ` ${token}`;
    return cleanup ? cleanUp(piece) : piece;
  });
}

export interface MetaspaceDecoderOptions {
  readonly replacement: string;
  readonly prependScheme: 'first' | 'never' | 'always';
}

export function metaspaceDecoder({ replacement, prependScheme }: MetaspaceDecoderOptions): Decoder {
  return eachToken((token, isFirst) =>
    replaceText(token, replacement, isFirst && prependScheme !== 'never' ? '' : ' '),
  );
}

export interface CtcOptions {
  readonly pad_token: string;
  readonly word_delimiter_token: string;
  readonly cleanup: boolean;
}

/** Connectionist temporal classification (Graves et al. 2006): repeated tokens are one, and blanks are nothing. */
export function ctcDecoder({ pad_token, word_delimiter_token, cleanup }: CtcOptions): Decoder {
  return wholePieces(() => {
    let before: string | undefined;
    return {
      add(token) {
        if (token === before) return [];
        before = token;
        const piece = replaceText(token, pad_token, '');
        const cleaned = cleanup ? replaceText(cleanUp(piece), word_delimiter_token, ' ') : piece;
        return cleaned === '' ? [] : [cleaned];
      },
      end: () => [],
    };
  });
}

export function replaceDecoder(pattern: Pattern, content: string): Decoder {
  return eachToken((token, _, effort) => {
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

/** So many of a character taken away at the beginning and the end of each piece. */
export function stripDecoder({ content, start, stop }: { content: string; start: number; stop: number }): Decoder {
  const begin = () => {
    let toStrip = start;
    let held = ''; // of the characters that may be at the end
    const add = ({ text, goesOn }: Piece): Piece[] => {
      const characters = Array.from(held + text);
      let from = 0;
      while (toStrip > 0 && from < characters.length && characters[from] === content) {
        from++;
        toStrip--;
      }
      if (from < characters.length) toStrip = 0;
      let to = characters.length;
      while (to > Math.max(from, characters.length - stop) && characters[to - 1] === content) to--;
      held = goesOn ? characters.slice(to).join('') : '';
      if (!goesOn) toStrip = start;
      return [{ text: characters.slice(from, to).join(''), goesOn }];
    };
    return { add, end: () => [] };
  };
  return { begin, ...(stop === 0 && { behind: (token: string) => token }) };
}

/** All of them as one piece. */
export const fuseDecoder: Decoder = {
  begin: () => ({ add: ({ text }) => [{ text, goesOn: true }], end: () => [endOfPiece] }),
  behind: (token) => token,
};

/** Tokens of bytes as characters; where those that follow one another are none, each is U+FFFD. */
export const byteFallbackDecoder: Decoder = wholePieces(() => {
  let bytes: number[] = [];
  const flush = () => {
    const characters = bytes.length > 0 ? charactersOf(bytes) : [];
    bytes = [];
    return characters;
  };
  return {
    add(token) {
      const byte = byteOfFallback(token);
      if (byte === undefined) return [...flush(), token];
      bytes.push(byte);
      return [];
    },
    end: flush,
  };
}, asByte);

function asByte(token: string): string | Uint8Array {
  const byte = byteOfFallback(token);
  return byte === undefined ? token : Uint8Array.of(byte);
}

/** The byte that a token such as `<0x0A>` stands for. */
function byteOfFallback(token: string): number | undefined {
  const [, digits] = /^<0x([0-9a-fA-F]{2}|\+[0-9a-fA-F])>$/.exec(token) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** The bytes that the characters of a token stand for; those of its text where one of them stands for none. */
function bytesOf(token: string): Uint8Array {
  const found = Array.from(token, byteOf);
  return found.every((byte) => byte !== undefined) ? Uint8Array.from(found) : encoder.encode(token);
}

const endOfPiece: Piece = { text: '', goesOn: false };

/** What works on whole pieces: parts are held back until the last of them. */
function wholePieces(
  begin: () => { add(token: string, effort: Effort): readonly string[]; end(effort: Effort): readonly string[] },
  behind?: Decoder['behind'],
): Decoder {
  const whole = (text: string): Piece => ({ text, goesOn: false });
  const beginWhole = (): PieceDecoder => {
    const decoder = begin();
    let parts = '';
    return {
      add({ text, goesOn }, effort) {
        parts += text;
        if (goesOn) return [];
        const token = parts;
        parts = '';
        return decoder.add(token, effort).map(whole);
      },
      end: (effort) => decoder.end(effort).map(whole),
    };
  };
  return { begin: beginWhole, ...(behind && { behind }) };
}

/** What makes one piece of each. */
function eachToken(decode: (token: string, isFirst: boolean, effort: Effort) => string): Decoder {
  const begin = () => {
    let isFirst = true;
    return {
      add(token: string, effort: Effort) {
        const piece = decode(token, isFirst, effort);
        isFirst = false;
        return [piece];
      },
      end: () => [],
    };
  };
  return wholePieces(begin, (token) => decode(token, false, new Effort(token)));
}

function charactersOf(bytes: readonly number[]): string[] {
  try {
    return [strict.decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => '\uFFFD');
  }
}

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** English as it is written, of tokens with spaces between. */
function cleanUp(text: string): string {
  return replaceAll(text, [...beforeContractions, [' do not', " don't"], ...contractions]);
}

/** What transformers does with decoded texts for `clean_up_tokenization_spaces`. */
export const withoutSpaces: TextChange = {
  change: (text) => replaceAll(text, [...beforeContractions, ...contractions]),
  // All that is taken away are spaces, and what is looked for has none of the others but at its end.
  isApart: (character) => !" 'nvr".includes(character),
};

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
