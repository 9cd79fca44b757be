import { ConfigError, type GrowingText, SampleError } from '@polymodal/core';
import type { AddedTokens } from './added-tokens';
import { AlignedText, wellFormed } from './aligned-text';
import { type Decoder, type Piece, spacesBetween } from './decoders';
import { Effort } from './effort';
import type { Model } from './models/model';
import { type Encoding, merge, type PostProcessor } from './post-processors';
import type { PreTokenizer, TextPart, TextParts, Token } from './text-parts';
import { TextPositions } from './token-offsets';
import { needsCounts, slicedEncoding, type TruncationSide, truncateEncodings, windowsOf } from './truncate';

/** The parts of a tokenizer.json, ready to run. */
export interface PipelineParts {
  readonly addedTokens: AddedTokens;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly model: Model;
  readonly postProcessor: PostProcessor | undefined;
  readonly decoder: Decoder | undefined;
  /** Whether tokens depend on where in the text a word stood. */
  readonly needsOrigin: boolean;
}

export interface EncodeOptions {
  readonly addSpecialTokens: boolean;
  /** Most tokens, special ones included. */
  readonly maxLength?: number | undefined;
  readonly truncationSide: TruncationSide;
  readonly withOffsets: boolean;
}

export interface WindowOptions {
  /** Most tokens of a window, special ones included. */
  readonly maxLength: number;
  /** By how many tokens of the text neighbours overlap. */
  readonly stride: number;
  /** How many windows are asked for. */
  readonly most: number;
}

/** A text in windows. */
export interface EncodedWindows {
  /** Each with which of the text's tokens is the first in it. */
  readonly encodings: readonly { readonly first: number; readonly encoding: Encoding }[];
  readonly hasMore: boolean;
}

/** What Python's `tokenizers` does with a text, step by step: it is normalised, split, tokenised, cut, and completed. */
export class Pipeline {
  readonly #words = new WordCache();

  constructor(readonly parts: PipelineParts) {}

  /**
   * @throws SampleError for a text that there are no tokens for
   * @throws ConfigError for a length that special tokens alone exceed
   */
  encode(
    texts: readonly string[],
    options: EncodeOptions,
  ): { readonly encoding: Encoding; readonly truncated: boolean } {
    const { postProcessor } = this.parts;
    const { addSpecialTokens, maxLength, truncationSide } = options;
    const added = addSpecialTokens ? (postProcessor?.addedTokens(texts.length === 2) ?? 0) : 0;
    if (maxLength !== undefined && maxLength < added) {
      const expected = `at least ${added}, for as many special tokens`;
      throw new ConfigError({ where: 'maxLength', expected, received: String(maxLength) });
    }
    const length = maxLength === undefined ? Number.POSITIVE_INFINITY : maxLength - added;
    let found = texts.map((text, index) => this.#encodeOne(text, index, options));
    if (needsCounts(found.map(countOf), length)) {
      found = texts.map((text, index) => this.#tokensOf(text, index, true, undefined, options));
    }
    const encodings = found.map(({ encoding }) => encoding);
    const cut = truncateEncodings(encodings, found.map(countOf), length, truncationSide);
    const processed = postProcessor ? postProcessor.process(cut, addSpecialTokens) : cut;
    const truncated = cut.some(({ ids }, index) => ids.length < countOf(found[index]));
    return { encoding: merge(processed), truncated };
  }

  /**
   * The last text in windows that overlap, each behind the first text, where there are two, and with its special tokens: at most `most` of
   * them, and `hasMore` where more would follow.
   *
   * @throws SampleError for a first text that leaves no room for more than the overlap of the second
   */
  windows(texts: readonly string[], { maxLength, stride, most }: WindowOptions): EncodedWindows {
    const { postProcessor } = this.parts;
    const options = { addSpecialTokens: true, truncationSide: 'right', withOffsets: true } as const;
    const limit = maxLength * most;
    const found = texts.map((text, index) => this.#encodeOne(text, index, { ...options, maxLength: limit }));
    const whole = found.map(({ encoding }) => encoding);
    const last = whole[whole.length - 1];
    const others = (postProcessor?.addedTokens(texts.length === 2) ?? 0) + (whole.length > 1 ? whole[0].ids.length : 0);
    const room = maxLength - others;
    if (room <= stride && room < last.ids.length) {
      throw new SampleError({
        expected: `room for more than ${stride} tokens of a text among ${maxLength}`,
        received: `${others} that stand beside it`,
        hint: 'Shorten the first text, raise maxLength, or let windows overlap less: stride.',
      });
    }
    const ranges = windowsOf(last.ids.length, room, stride);
    const encodings = ranges.slice(0, most).map(({ start, end }) => {
      const own = [...whole.slice(0, -1), slicedEncoding(last, start, end)];
      return { first: start, encoding: merge(postProcessor ? postProcessor.process(own, true) : own) };
    });
    return { encodings, hasMore: ranges.length > most || found.some(({ hasMore }) => hasMore) };
  }

  decode(ids: readonly number[], skipSpecialTokens: boolean): string {
    const written = Array.from(ids, (id) => this.#written(id, skipSpecialTokens));
    const tokens = written.filter((token) => token !== undefined);
    const effort = new Effort(tokens.join(''));
    const decoder = this.#decoder.begin();
    const pieces = tokens.flatMap((text) => decoder.add({ text, goesOn: false }, effort));
    return joined([...pieces, ...decoder.end(effort)]);
  }

  /** The same of tokens that come one by one, special ones left out. */
  growing(): GrowingText {
    const decoder = this.#decoder.begin();
    return {
      add: (id) => {
        const text = this.#written(id, true);
        return text === undefined ? '' : joined(decoder.add({ text, goesOn: false }, new Effort(text)));
      },
      end: () => joined(decoder.end(new Effort(''))),
    };
  }

  /**
   * The bytes that a token adds to a text behind others: none that stands for nothing.
   *
   * @returns undefined where that depends on what these others are
   */
  bytesOf(id: number): Uint8Array | undefined {
    const token = this.#written(id, true);
    if (token === undefined) return new Uint8Array(0);
    const piece = this.#decoder.behind?.(token);
    return typeof piece === 'string' ? encoder.encode(piece) : piece;
  }

  /** A token as the vocabulary has it, where it is one that is to be read. */
  #written(id: number, skipSpecialTokens: boolean): string | undefined {
    const { addedTokens, model } = this.parts;
    const token = addedTokens.tokenOf(id) ?? model.vocabulary.tokenOf(id);
    return token === undefined || (skipSpecialTokens && addedTokens.isSpecial(token)) ? undefined : token;
  }

  get #decoder(): Decoder {
    return this.parts.decoder ?? spacesBetween;
  }

  /** Of a text that is cut, at least as many tokens as are kept. */
  #encodeOne(text: string, index: number, options: EncodeOptions): EncodedText {
    const { maxLength, truncationSide } = options;
    if (maxLength !== undefined && truncationSide === 'right') {
      // Of a text that is cut, a beginning is enough that certainly gives all the tokens that are kept, and more.
      for (let length = shortText + lettersPerToken * maxLength; length < text.length; length *= 4) {
        const beginning = this.#tokensOf(beginningOf(text, length), index, false, maxLength, options);
        if (beginning.hasMore || beginning.encoding.ids.length > maxLength) return beginning;
      }
    }
    return this.#tokensOf(text, index, true, maxLength, options);
  }

  #tokensOf(
    given: string,
    index: number,
    isWhole: boolean,
    limit: number | undefined,
    options: EncodeOptions,
  ): EncodedText {
    const text = wellFormed(given);
    const effort = new Effort(text);
    const { addedTokens, preTokenizer, needsOrigin } = this.parts;
    const aligned = AlignedText.of(text, options.withOffsets || needsOrigin);
    const extracted = addedTokens.extract(aligned, isWhole, effort);
    const split = preTokenizer ? preTokenizer(extracted, effort) : extracted;
    const { parts, hasMore } = this.#tokenize(split, limit, options.truncationSide);
    const positions = options.withOffsets ? new TextPositions(text) : undefined;
    return { encoding: encodingOf(parts, index, positions), hasMore };
  }

  /** As many parts as give `limit` tokens, from the side that is kept. */
  #tokenize({ parts, isWhole }: TextParts, limit = Number.POSITIVE_INFINITY, side: TruncationSide): TokenizedParts {
    const order = side === 'right' ? parts : [...parts].reverse();
    const tokensOf = (index: number) =>
      order[index].tokens ?? this.#tokenizePart(order[index], isWhole || index < parts.length - 1);
    const found: TokenizedPart[] = [];
    let count = 0;
    let next = 0;
    while (next < order.length) {
      const { text, tokens } = order[next];
      found.push({ text, tokens: tokensOf(next++) });
      count += found[found.length - 1].tokens.length;
      if (count >= limit && !tokens) break;
    }
    let hasMore = false;
    while (next < order.length && !hasMore) hasMore = tokensOf(next++).length > 0;
    return { parts: side === 'right' ? found : found.reverse(), hasMore };
  }

  #tokenizePart({ text }: TextPart, isWhole: boolean): readonly Token[] {
    return this.#words.tokensOf(this.parts.model, text.text, isWhole);
  }
}

/** The tokens of a text, and whether there are more. */
interface EncodedText {
  readonly encoding: Encoding;
  readonly hasMore: boolean;
}

interface TokenizedParts {
  readonly parts: readonly TokenizedPart[];
  readonly hasMore: boolean;
}

interface TokenizedPart {
  readonly text: AlignedText;
  readonly tokens: readonly Token[];
}

/** How many tokens a text has, or one more than are known. */
function countOf({ encoding, hasMore }: EncodedText): number {
  return encoding.ids.length + (hasMore ? 1 : 0);
}

/** So many letters, or one less: half a character is none. */
function beginningOf(text: string, length: number): string {
  const isHalf = (text.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  return text.slice(0, isHalf ? length - 1 : length);
}

/** A beginning of a text is read first if it has more letters than this, and than so many for each token. */
const shortText = 4096;
const lettersPerToken = 16;

function encodingOf(parts: readonly TokenizedPart[], index: number, positions: TextPositions | undefined): Encoding {
  const encoding = {
    ids: [] as number[],
    typeIds: [] as number[],
    tokens: [] as string[],
    offsets: [] as (readonly [number, number])[],
    isSpecial: [] as boolean[],
    sequences: [] as number[],
    words: [] as number[],
  };
  for (const [word, { text, tokens }] of parts.entries()) {
    for (const { id, value, start, end } of tokens) {
      encoding.ids.push(id);
      encoding.tokens.push(value);
      encoding.offsets.push(positions ? positions.pointsOf(text.originalRange(start, end)) : noOffset);
      encoding.isSpecial.push(false);
      encoding.typeIds.push(index);
      encoding.sequences.push(index);
      encoding.words.push(word);
    }
  }
  return encoding;
}

const noOffset = [0, 0] as const;

/** Tokens of words that were seen before. */
class WordCache {
  readonly #tokens = new Map<string, readonly Token[]>();

  tokensOf(model: Model, word: string, isWhole: boolean): readonly Token[] {
    if (!isWhole || word.length > longestWord) return model.tokenize(word, isWhole);
    let tokens = this.#tokens.get(word);
    if (!tokens) {
      tokens = model.tokenize(word, true);
      if (this.#tokens.size < mostWords) this.#tokens.set(word, tokens);
    }
    return tokens;
  }
}

const longestWord = 256;
const mostWords = 10_000;

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

const encoder = new TextEncoder();
