import type { GrowingText } from '@polymodal/core';
import type { TruncationSide } from './tokenization/truncate';

/** Text to token ids. */
export interface Tokenizer {
  /** Ids lie in [0, vocabSize). */
  readonly vocabSize: number;
  /** At most `maxLength` ids, special tokens included; of a longer text, its beginning, or its end: see {@link truncationSide}. */
  encode(text: string, maxLength: number): TokenizedText;
  /**
   * As {@link encode}, of texts with places of something else between them, at each of which one token stands. The texts are
   * tokenised as they are in one whole, parted there.
   *
   * @throws SampleError for a text from which a placeholder cannot be told
   */
  encodeDocument(
    pieces: readonly DocumentPiece[],
    maxLength: number,
    options?: DocumentEncodingOptions,
  ): TokenizedDocument;
  /**
   * The id of a token that {@link encodeDocument} may put at a place.
   *
   * @throws ConfigError for one that the tokenizer does not find in texts before all else
   */
  placeholderId(token: string): number;
  /** The ids of a text that goes on behind another, without special tokens, where the tokenizer can; at most the first `maxLength`. */
  encodePart?(text: string, maxLength?: number): Int32Array;
  /** Ids to text, special tokens left out, where the tokenizer can. */
  decode?(ids: readonly number[]): string;
  /** Of all ids, special tokens too. */
  decodeAll?(ids: readonly number[]): string;
  /** {@link decode} of ids that come one by one, each at the cost of one: the pieces are together what it gives of all of them. */
  growing?(): GrowingText;
  /** The bytes of UTF-8 that a token adds to a text behind others, none of a special one; undefined where that depends on the others. */
  bytesOf?(id: number): Uint8Array | undefined;
  /** Which end of a longer text or document is cut off: the right one unless it says so. */
  readonly truncationSide?: TruncationSide;
  /** Tokens that end a text, where that is known. */
  readonly endIds?: readonly number[];
  /** The token that {@link encode} puts behind every text, if it is for a finished text alone: what continues it takes its place. */
  readonly closingId?: number;
  /** The token that stands for what is hidden, where there is one. */
  readonly maskId?: number | undefined;
  /** Tokens that are no part of a text. */
  readonly specialIds?: readonly number[];
  /** Which word each of some ids that follow one another belongs to, from 0; −1 of special ones. */
  wordsOf?(ids: ArrayLike<number>): Int32Array;
  /**
   * A text, the second of a pair say, in windows of at most `maxLength` tokens with where each of them stands, where the tokenizer can tell.
   *
   * @throws SampleError for a first text that leaves no room
   */
  locate?(texts: readonly [text: string, pair?: string], options: LocateOptions): LocatedWindows;
  /** Files that make the same tokenizer again, by name. */
  files(): Readonly<Record<string, Uint8Array>>;
}

/** A part of a document: a text, of an answer perhaps; or a place, at which `placeId` stands where no token of the tokenizer does. */
export type DocumentPiece =
  | { readonly text: string; readonly isAnswer?: boolean }
  | { readonly placeholder: string | undefined };

/** How documents are encoded. */
export interface DocumentEncodingOptions {
  /** Whether the special tokens of the tokenizer are put around the whole; not where a chat template has written its own. Default true. */
  readonly addSpecialTokens?: boolean;
}

/** How {@link Tokenizer.locate} lays windows. */
export interface LocateOptions {
  /** Most tokens of a window, special ones included. */
  readonly maxLength: number;
  /** By how many tokens of the text windows overlap. */
  readonly stride: number;
  /** Most windows; the rest of a longer text is cut off. */
  readonly most: number;
}

/** A text in windows. */
export interface LocatedWindows {
  readonly windows: readonly LocatedTokens[];
  /** Whether the end of the text was cut off. */
  readonly truncated: boolean;
}

/** The tokens of a window. */
export interface LocatedTokens {
  /** Which of the text's tokens is the first in it. */
  readonly first: number;
  readonly ids: Int32Array;
  /** Of a pair, which text each belongs to, as the tokenizer counts them. */
  readonly typeIds: Int32Array;
  /** Where each begins and ends in the last text, in units of UTF-16, one after the other; −1 for what is not in it. */
  readonly offsets: Int32Array;
  /** Which word of the text each is of, from 0; −1 as above. */
  readonly words: Int32Array;
}

/** What stands at a place that no token is named for. Whoever replaces it reads no more of it than that it is there. */
export const placeId = 0;

/** What a {@link Tokenizer} makes of a text. */
export interface TokenizedText {
  readonly ids: Int32Array;
  /** Whether the end of the text was cut off. */
  readonly truncated: boolean;
}

/** What a {@link Tokenizer} makes of a document. */
export interface TokenizedDocument extends TokenizedText {
  /** Of each id, which place it stands at, counted from 0; −1 for those of texts and for special tokens. */
  readonly places: Int32Array;
  /** 1 for each id of which something stands in an answer; undefined where no piece is one. */
  readonly answers?: Uint8Array | undefined;
}
