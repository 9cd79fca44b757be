import { ConfigError, describeValue, type GrowingText, SampleError } from '@polymodal/core';
import { requireTexts } from './require-texts';
import { AlignedText, wellFormed } from './tokenization/aligned-text';
import { Effort } from './tokenization/effort';
import { normalFormNormalizer } from './tokenization/normalizers';
import { TextPositions } from './tokenization/token-offsets';
import { windowsOf } from './tokenization/truncate';
import {
  type DocumentEncodingOptions,
  type DocumentPiece,
  type LocatedWindows,
  type LocateOptions,
  placeId,
  type TokenizedDocument,
  type TokenizedText,
  type Tokenizer,
} from './tokenizer';

/** Ids below the bytes'. 0 stands in padding, and at the places of documents. */
const endId = 1;
const startId = 2;
const firstByteId = 3;
/** Bytes of a tab, line feeds and a space. */
const whiteSpace = new Set([9, 10, 11, 12, 13, 32]);

/**
 * UTF-8 bytes as tokens: any language, no vocabulary. A text becomes a start token, its bytes and an end token; byte b
 * has the id b + 3, as in ByT5 (Xue et al. 2022).
 *
 * The text is put into Unicode normal form C first, so that é in one code point and é in two are the same text.
 * A surrogate without its partner becomes U+FFFD.
 *
 * ```ts
 * new ByteTokenizer().encode('süß', 16).ids; // a start token, five bytes, an end token
 * ```
 */
export class ByteTokenizer implements Tokenizer {
  readonly vocabSize = firstByteId + 256;
  readonly endIds = [endId];
  readonly closingId = endId;
  /** What stands in padding too, where nobody reads it. */
  readonly maskId = placeId;
  readonly specialIds = [placeId, endId, startId];
  readonly #encoder = new TextEncoder();

  /** A text that is too long is cut between two characters. */
  encode(text: string, maxLength: number): TokenizedText {
    const bytes = this.#bytes(text);
    const length = characterBoundary(bytes, maxLength - 2);
    const ids = new Int32Array(length + 2);
    ids[0] = startId;
    for (let i = 0; i < length; i++) ids[i + 1] = bytes[i] + firstByteId;
    ids[length + 1] = endId;
    return { ids, truncated: length < bytes.length };
  }

  /** A document that is too long is cut between two characters, or before a place. */
  encodeDocument(
    pieces: readonly DocumentPiece[],
    maxLength: number,
    { addSpecialTokens = true }: DocumentEncodingOptions = {},
  ): TokenizedDocument {
    const [first, last] = addSpecialTokens ? [[startId], [endId]] : [[], []];
    const ids = [...first];
    const places = first.map(() => -1);
    const answers = first.map(() => 0);
    let truncated = false;
    let place = 0;
    for (const piece of pieces) {
      const room = maxLength - last.length - ids.length;
      if ('text' in piece) {
        const bytes = this.#encoder.encode(piece.text.normalize('NFC'));
        const length = characterBoundary(bytes, room);
        for (let i = 0; i < length; i++) {
          ids.push(bytes[i]! + firstByteId);
          places.push(-1);
          answers.push(piece.isAnswer ? 1 : 0);
        }
        truncated = length < bytes.length;
      } else {
        truncated = room < 1;
        if (!truncated) {
          ids.push(placeId);
          places.push(place++);
          answers.push(0);
        }
      }
      if (truncated) break;
    }
    const hasAnswers = pieces.some((piece) => 'text' in piece && piece.isAnswer);
    return {
      ids: Int32Array.of(...ids, ...last),
      places: Int32Array.of(...places, ...last.map(() => -1)),
      truncated,
      answers: hasAnswers ? Uint8Array.of(...answers, ...last.map(() => 0)) : undefined,
    };
  }

  /** Words are runs of letters, marks and digits, and all else but white space each by itself. */
  locate([text, pair]: readonly [string, string?], { maxLength, stride, most }: LocateOptions): LocatedWindows {
    const own = pair ?? text;
    const before = pair === undefined ? [startId] : [startId, ...this.encodePart(text), endId];
    const bytes = locatedBytes(own);
    const room = maxLength - before.length - 1;
    if (room <= stride && room < bytes.length) {
      throw new SampleError({
        expected: `room for more than ${stride} bytes of a text among ${maxLength} tokens`,
        received: `${before.length + 1} that stand beside it`,
        hint: 'Shorten the first text, raise maxLength, or let windows overlap less: stride.',
      });
    }
    const ranges = windowsOf(bytes.length, room, stride);
    const windows = ranges.slice(0, most).map(({ start, end }) => {
      const kept = bytes.slice(start, end);
      const [first, last] = [before.map(() => -1), [-1]];
      return {
        first: start,
        ids: Int32Array.of(...before, ...kept.map(({ byte }) => byte + firstByteId), endId),
        typeIds: new Int32Array(before.length + kept.length + 1),
        offsets: Int32Array.from([...first, ...first, ...kept.flatMap((at) => [at.start, at.end]), -1, -1]),
        words: Int32Array.of(...first, ...kept.map(({ word }) => word), ...last),
      };
    });
    return { windows, truncated: ranges.length > most };
  }

  placeholderId(token: string): number {
    throw new ConfigError({
      where: 'placeholder',
      expected: 'a tokenizer from a file, which may have tokens for what is no text',
      received: `${describeValue(token)} for one of bytes`,
      hint: 'Leave the option out: the id 0 stands at places then.',
    });
  }

  encodePart(text: string, maxLength?: number): Int32Array {
    return Int32Array.from(this.#bytes(text).subarray(0, maxLength), (byte) => byte + firstByteId);
  }

  /** Bytes that are no whole character become U+FFFD. */
  decode(ids: readonly number[]): string {
    const bytes = ids.filter((id) => id >= firstByteId).map((id) => id - firstByteId);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }

  growing(): GrowingText {
    const characters = new TextDecoder('utf-8', { ignoreBOM: true });
    return {
      add: (id) => characters.decode(this.bytesOf(id), { stream: true }),
      end: () => characters.decode(),
    };
  }

  bytesOf(id: number): Uint8Array {
    return id >= firstByteId ? Uint8Array.of(id - firstByteId) : new Uint8Array(0);
  }

  /** Words are what stands between white space, each with the white space before it. */
  wordsOf(ids: ArrayLike<number>): Int32Array {
    let word = 0;
    let isSpace = false;
    return Int32Array.from(ids, (id) => {
      if (id < firstByteId) return -1;
      const wasSpace = isSpace;
      isSpace = whiteSpace.has(id - firstByteId);
      if (isSpace && !wasSpace) word++;
      return word;
    });
  }

  files(): Record<string, Uint8Array> {
    return {};
  }

  #bytes(text: string): Uint8Array {
    requireTexts([text]);
    return this.#encoder.encode(text.normalize('NFC'));
  }
}

/** A byte of a text in normal form C, and where what it is of stands in the text as it was. */
interface LocatedByte {
  readonly byte: number;
  readonly start: number;
  readonly end: number;
  readonly word: number;
}

function locatedBytes(text: string): LocatedByte[] {
  requireTexts([text]);
  const whole = wellFormed(text);
  const normalized = toFormC(AlignedText.of(whole, true), true, new Effort(whole));
  const positions = new TextPositions(whole);
  const characters = Array.from(normalized.text, (character) => ({
    character,
    encoded: new TextEncoder().encode(character),
  }));
  const starts: number[] = []; // of characters, each of which goes on to where the next begins
  let byte = 0;
  for (const { encoded } of characters) {
    const [from] = positions.pointsOf(normalized.originalRange(byte, byte + encoded.length));
    starts.push(positions.unitOf(from));
    byte += encoded.length;
  }
  const bytes: LocatedByte[] = [];
  let word = -1;
  let wasWord = false;
  for (const [index, { character, encoded }] of characters.entries()) {
    const isWord = /[\p{L}\p{M}\p{N}]/u.test(character);
    const isSpace = /\s/u.test(character);
    if (!isSpace && !(isWord && wasWord)) word++;
    wasWord = isWord;
    const [start, end] = [starts[index], starts[index + 1] ?? whole.length];
    for (const own of encoded) bytes.push({ byte: own, start, end, word: isSpace ? -1 : word });
  }
  return bytes;
}

const toFormC = normalFormNormalizer('NFC');

/** The last position up to `limit` at which a character begins, or the end. */
function characterBoundary(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  let position = limit;
  while (position > 0 && (bytes[position] & 0xc0) === 0x80) position--; // 10xxxxxx continues a character
  return position;
}
