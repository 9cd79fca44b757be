import {
  ConfigError,
  FileFormatError,
  type GrowingText,
  isRecord,
  PolymodalError,
  requireArgument,
  SampleError,
  suggestNames,
} from '@polymodal/core';
import { requireTexts } from './require-texts';
import { type AutoTokenizer, asAutoTokenizer } from './tokenization/as-auto-tokenizer';
import { DocumentText, standInToken } from './tokenization/document-text';
import { Pipeline } from './tokenization/pipeline';
import type { Json } from './tokenization/read/file-part';
import { readTokenizer } from './tokenization/read/read-tokenizer';
import { changing, type TextChange } from './tokenization/text-change';
import { TextPositions } from './tokenization/token-offsets';
import type { TokenizerSettings } from './tokenization/tokenizer-settings';
import type { TruncationSide } from './tokenization/truncate';
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

/** The name under which a model keeps its tokenizer. */
export const tokenizerFileName = 'tokenizer.json';

/** Tokens of a text or of a pair, and where they stand. */
export interface TextEncoding {
  readonly ids: Int32Array;
  /** Of each token, which of two texts it belongs to, as the tokenizer counts them. */
  readonly typeIds: Int32Array;
  /** As they stand in the vocabulary. */
  readonly tokens: readonly string[];
  /** Where each begins and ends in its text, as in `text.slice(start, end)`; [0, 0] for a special token. */
  readonly offsets: readonly (readonly [number, number])[];
  /** Which text each token is from: 0, or 1 for the second. */
  readonly sequences: Int32Array;
  /** 1 for a special token that was put in. */
  readonly specialTokensMask: Int32Array;
  /** Whether something was cut off. */
  readonly truncated: boolean;
}

export interface TextEncodingOptions {
  /** A second text. */
  readonly pair?: string;
  /** Most tokens, special ones included. By default all are kept. */
  readonly maxLength?: number;
  /** Whether the special tokens of the tokenizer are put in. Default true. */
  readonly addSpecialTokens?: boolean;
}

export interface FileTokenizerOptions {
  /** Which end of a longer text is cut off. By default the one that `settings` name, else `'right'`. */
  readonly truncationSide?: TruncationSide;
  /** What stands beside the file. By default nothing: the file alone counts, as for Python's `Tokenizer.from_file`. */
  readonly settings?: TokenizerSettings;
}

/**
 * A tokenizer from a Hugging Face `tokenizer.json`: the ids, offsets and texts of Python's `tokenizers` 0.23.
 *
 * Where a file asks for something that is not done here, it is refused when it is opened, by name. Half a surrogate pair in a
 * text becomes U+FFFD; Python takes no such text.
 */
export class FileTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly truncationSide: TruncationSide;
  /** The texts of special tokens that `settings` name, as Python's `special_tokens_map`: `eos_token`. */
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly #file: Uint8Array;
  readonly #where: string;
  readonly #pipeline: Pipeline;
  /** The same with a token more, for places of documents. */
  #pipelineWithStandIns: Pipeline | undefined;
  readonly #afterDecoding: readonly TextChange[];
  /** Whether tokens say that a word begins, and not that one goes on. */
  #marksBeginnings: boolean | undefined;

  /**
   * @param file content of the tokenizer.json
   * @param where how error messages call it
   * @throws FileFormatError if it is none, or has a component that is not done here
   */
  constructor(file: Uint8Array, where: string, options: FileTokenizerOptions = {}) {
    requireArgument(file instanceof Uint8Array, 'FileTokenizer', 'the bytes of a tokenizer.json', file);
    this.#file = file;
    this.#where = where;
    const json = parseJson(file, where);
    const auto = options.settings && applied(json, options.settings, where);
    this.#pipeline = readTokenizer(auto?.json ?? json, where, auto);
    this.truncationSide = options.truncationSide ?? auto?.truncationSide ?? 'right';
    this.specialTokens = auto?.specialTokens ?? {};
    this.#afterDecoding = auto?.afterDecoding ?? [];
    this.vocabSize = sizeOf(this.#pipeline);
  }

  /** Time grows with `maxLength`, not with the text, where the end is cut off. */
  encode(text: string, maxLength: number): TokenizedText {
    requireTexts([text]);
    const { encoding, truncated } = this.#pipeline.encode([text], this.#options({ maxLength }, false));
    return { ids: this.#idsOf(encoding.ids), truncated };
  }

  /**
   * The ids that Python gives of the whole string with the placeholders in it; where no token is named, of one with an added token
   * there. Time grows as with {@link encode}.
   */
  encodeDocument(
    pieces: readonly DocumentPiece[],
    maxLength: number,
    { addSpecialTokens = true }: DocumentEncodingOptions = {},
  ): TokenizedDocument {
    const document = new DocumentText(pieces);
    const pipeline = document.hasStandIns ? this.#standingIn() : this.#pipeline;
    const options = this.#options({ maxLength, addSpecialTokens }, true);
    const { encoding, truncated } = pipeline.encode([document.text], options);
    const idOf = (token: string) => pipeline.parts.addedTokens.ids.get(token);
    const places = document.placesOf(encoding, idOf);
    const standIn = idOf(standInToken.content);
    const ids = encoding.ids.map((id, index) => (places[index]! >= 0 && id === standIn ? placeId : id));
    return { ids: this.#idsOf(ids), places, truncated, answers: document.answersOf(encoding) };
  }

  placeholderId(token: string): number {
    const { addedTokens } = this.#pipeline.parts;
    const id = addedTokens.ids.get(token);
    if (id !== undefined) return id;
    throw new ConfigError({
      where: 'placeholder',
      expected:
        'a token that was added to the tokenizer, so that it is found in texts before they are parted into words',
      received: JSON.stringify(token),
      hint: suggestNames(token, [...addedTokens.ids.keys()]),
    });
  }

  /** Time grows with `maxLength`, not with the text. */
  encodePart(text: string, maxLength?: number): Int32Array {
    requireTexts([text]);
    const options = { maxLength, addSpecialTokens: false, truncationSide: 'right', withOffsets: false } as const;
    return this.#idsOf(this.#pipeline.encode([text], options).encoding.ids);
  }

  /** Tokens with their offsets, also of pairs. @throws SampleError for what is no text */
  encodeText(text: string, options: TextEncodingOptions = {}): TextEncoding {
    requireArgument(isRecord(options), 'encodeText', 'an object of options', options);
    const texts = options.pair === undefined ? [text] : [text, options.pair];
    requireTexts(texts);
    const { encoding, truncated } = this.#pipeline.encode(texts, this.#options(options, true));
    const positions = texts.map((each) => new TextPositions(each));
    return {
      ids: this.#idsOf(encoding.ids),
      typeIds: Int32Array.from(encoding.typeIds),
      tokens: encoding.tokens,
      offsets: encoding.offsets.map(([start, end], index) => {
        const position = positions[encoding.sequences[index]];
        return [position.unitOf(start), position.unitOf(end)];
      }),
      sequences: Int32Array.from(encoding.sequences),
      specialTokensMask: Int32Array.from(encoding.isSpecial, Number),
      truncated,
    };
  }

  /** Offsets and words are those that Python's tokenizers give (`word_ids`); time grows with the tokens that are kept, not with the text. */
  locate(texts: readonly [string, string?], options: LocateOptions): LocatedWindows {
    const given = texts.filter((text) => text !== undefined);
    requireTexts(given);
    const { encodings, hasMore } = this.#pipeline.windows(given, options);
    const last = given.length - 1;
    const positions = new TextPositions(given[last]);
    const windows = encodings.map(({ first, encoding }) => {
      const isOwn = encoding.isSpecial.map((special, index) => !special && encoding.sequences[index] === last);
      return {
        first,
        ids: this.#idsOf(encoding.ids),
        typeIds: Int32Array.from(encoding.typeIds),
        offsets: Int32Array.from(
          encoding.offsets.flatMap((range, index) =>
            isOwn[index] ? range.map((at) => positions.unitOf(at)) : [-1, -1],
          ),
        ),
        words: Int32Array.from(encoding.words, (word, index) => (isOwn[index] ? word : -1)),
      };
    });
    return { windows, truncated: hasMore };
  }

  /** Special tokens are left out. Ids that the tokenizer does not have are nothing, as in Python. */
  decode(ids: readonly number[]): string {
    return this.#decode(ids, true);
  }

  growing(): GrowingText {
    return this.#afterDecoding.reduce((text, how) => changing(text, how), this.#pipeline.growing());
  }

  bytesOf(id: number): Uint8Array | undefined {
    return this.#afterDecoding.length > 0 ? undefined : this.#pipeline.bytesOf(id);
  }

  /** Of all ids, special tokens too. */
  decodeAll(ids: readonly number[]): string {
    return this.#decode(ids, false);
  }

  /** Whether the vocabulary has a token. */
  has(token: string): boolean {
    return this.#find(token) !== undefined;
  }

  /** @throws FileFormatError for a token that is not in the vocabulary */
  idOf(token: string): number {
    const id = this.#find(token);
    if (id !== undefined) return id;
    const expected = `a tokenizer with the token ${JSON.stringify(token)}`;
    throw new FileFormatError({ where: this.#where, expected, received: 'one without it' });
  }

  get maskId(): number | undefined {
    return this.#find('[MASK]') ?? this.#find('<mask>');
  }

  get specialIds(): readonly number[] {
    return this.#pipeline.parts.addedTokens.specialIds;
  }

  /**
   * As tokens are written: what begins with `##` goes on with the word before it (WordPiece); where any token of the vocabulary begins with `Ġ`
   * or `▁`, only these begin a word (byte-level BPE, SentencePiece).
   */
  wordsOf(ids: ArrayLike<number>): Int32Array {
    const special = new Set(this.specialIds);
    let word = -1;
    let goesOn = false;
    return Int32Array.from(ids, (id) => {
      if (special.has(id)) {
        goesOn = false;
        return -1;
      }
      if (!goesOn || this.#beginsWord(id)) word++;
      goesOn = true;
      return word;
    });
  }

  #beginsWord(id: number): boolean {
    const { vocabulary } = this.#pipeline.parts.model;
    this.#marksBeginnings ??= ['Ġ', '▁'].some((mark) => [...vocabulary.ids.keys()].some((own) => own.startsWith(mark)));
    const token = vocabulary.tokenOf(id) ?? '';
    return this.#marksBeginnings ? /^[Ġ▁Ċ]/.test(token) : !token.startsWith('##');
  }

  files(): Record<string, Uint8Array> {
    return { [tokenizerFileName]: this.#file };
  }

  #find(token: string): number | undefined {
    const { addedTokens, model } = this.#pipeline.parts;
    return addedTokens.ids.get(token) ?? model.vocabulary.ids.get(token);
  }

  #decode(ids: readonly number[], skipSpecialTokens: boolean): string {
    const isList = Array.isArray(ids) || ArrayBuffer.isView(ids);
    requireArgument(isList, 'decode', 'a list of token ids', ids);
    const text = this.#pipeline.decode(ids, skipSpecialTokens);
    return this.#afterDecoding.reduce((before, { change }) => change(before), text);
  }

  #options({ maxLength, addSpecialTokens = true }: TextEncodingOptions, withOffsets: boolean) {
    return { addSpecialTokens, maxLength, truncationSide: this.truncationSide, withOffsets };
  }

  #standingIn(): Pipeline {
    const { parts } = this.#pipeline;
    this.#pipelineWithStandIns ??= new Pipeline({ ...parts, addedTokens: parts.addedTokens.plus(standInToken) });
    return this.#pipelineWithStandIns;
  }

  /** A template may put in ids that no token has. */
  #idsOf(ids: readonly number[]): Int32Array {
    const unknown = ids.find((id) => id >= this.vocabSize);
    if (unknown === undefined) return Int32Array.from(ids);
    throw new SampleError({
      expected: `ids of the tokenizer, which lie below ${this.vocabSize}`,
      received: `${unknown}, which its post_processor puts in`,
    });
  }
}

function parseJson(file: Uint8Array, where: string): Json {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
  } catch (cause) {
    throw unusable(where, cause instanceof Error ? cause.message.slice(0, 200) : String(cause), cause);
  }
  throw unusable(where, 'it is no object');
}

function applied(json: Json, settings: TokenizerSettings, where: string): AutoTokenizer {
  try {
    return asAutoTokenizer(json, settings);
  } catch (cause) {
    if (PolymodalError.isInstance(cause)) throw cause;
    throw unusable(where, cause instanceof Error ? cause.message.slice(0, 200) : String(cause), cause);
  }
}

function sizeOf({ parts: { addedTokens, model } }: Pipeline): number {
  let highest = -1;
  for (const ids of [model.vocabulary.ids, addedTokens.ids])
    for (const id of ids.values()) highest = Math.max(highest, id);
  return highest + 1;
}

function unusable(where: string, reason: string, cause?: unknown): FileFormatError {
  return new FileFormatError({
    where,
    expected: 'a tokenizer.json as the tokenizers library of Hugging Face saves it',
    received: `a file that cannot be used (${reason})`,
    hint: 'Save it in Python with tokenizer.save("tokenizer.json"), or take the tokenizer "bytes".',
    cause,
  });
}
