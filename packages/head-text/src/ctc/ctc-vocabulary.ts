import { describeValue, SampleError } from '@polymodal/core';
import { withoutSpaces } from '@polymodal/encoder-text';
import { z } from 'zod';

const unique = (tokens: readonly string[]) => new Set(tokens).size === tokens.length;
const distinct = 'tokens that differ from one another';
const most = 65_536;

/** The option `vocabulary` of the head `ctc`. */
export const vocabularyOption = z.union([
  z
    .string()
    .min(1)
    .max(most)
    .refine((letters) => unique([...letters]), distinct),
  z
    .array(z.string().regex(/^\S+$/, 'words without spaces in them'))
    .min(1)
    .max(most)
    .refine(unique, distinct)
    .readonly(),
  z
    .strictObject({
      /** In the order of their ids, the blank among them. */
      tokens: z.array(z.string().min(1)).min(2).max(most).refine(unique, distinct).readonly(),
      /** The id of the blank. */
      blank: z.int().min(0),
      /** The token that stands for a space. */
      delimiter: z.string().min(1).optional(),
      /** The token that stands for what there is no token for; without it such texts are refused. */
      unknown: z.string().min(1).optional(),
      /** Whether texts are in small letters, and tokens in capitals (HF `do_lower_case`). */
      lowerCase: z.boolean().default(false),
      /** Whether spaces before marks and contractions are left out of what is written (HF `clean_up_tokenization_spaces`). */
      cleanUp: z.boolean().default(false),
    })
    .refine(({ tokens, blank }) => blank < tokens.length, { path: ['blank'], error: 'the id of one of the tokens' })
    .refine(({ tokens, delimiter }) => delimiter === undefined || tokens.includes(delimiter), {
      path: ['delimiter'],
      error: 'one of the tokens',
    })
    .refine(({ tokens, unknown }) => unknown === undefined || tokens.includes(unknown), {
      path: ['unknown'],
      error: 'one of the tokens',
    }),
]);

/** The option `vocabulary` of the head `ctc`: letters, words, or the tokens of a checkpoint. */
export type VocabularyOption = z.input<typeof vocabularyOption>;

/** A token that is written, and in which frames: from `startFrame` to before `endFrame`. */
export interface WrittenLabel {
  readonly id: number;
  readonly startFrame: number;
  readonly endFrame: number;
}

/** A word that is written, and in which frames. */
export interface WrittenSpan {
  readonly text: string;
  /** Its labels. */
  readonly ids: readonly number[];
  readonly startFrame: number;
  readonly endFrame: number;
}

/**
 * What labels of CTC mean: letters with a token for the space between words, whole words, or what a checkpoint says (HF
 * `Wav2Vec2CTCTokenizer`). One of the ids is the blank, which means nothing.
 */
export class CtcVocabulary {
  readonly blank: number;
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;
  readonly #ofWords: boolean;
  readonly #delimiter: string | undefined;
  readonly #unknown: number | undefined;
  readonly #lowerCase: boolean;
  readonly #cleansUp: boolean;
  /** Tokens of several letters, with the spaces about them, which go with them. */
  readonly #longTokens: RegExp | undefined;

  constructor(option: VocabularyOption) {
    const given = typeof option === 'string' || !('tokens' in option) ? { tokens: ['', ...option], blank: 0 } : option;
    const {
      tokens,
      blank,
      delimiter,
      unknown,
      lowerCase = false,
      cleanUp = false,
    } = given as Extract<VocabularyOption, { blank: number }>;
    this.#tokens = tokens;
    this.blank = blank;
    this.#ofWords = Array.isArray(option);
    this.#delimiter = typeof option === 'string' ? ' ' : delimiter;
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
    this.#unknown = unknown === undefined ? undefined : this.#ids.get(unknown);
    this.#lowerCase = lowerCase;
    this.#cleansUp = cleanUp;
    const long = tokens.filter((token) => [...token].length > 1).sort((a, b) => b.length - a.length);
    this.#longTokens =
      long.length > 0 && !this.#ofWords
        ? new RegExp(`\\s*(${long.map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})\\s*`, 'u')
        : undefined;
  }

  /** How many tokens there are, the blank among them. */
  get size(): number {
    return this.#tokens.length;
  }

  /** The token of an id. */
  tokenOf(id: number): string {
    return this.#tokens[id];
  }

  /**
   * The labels of a text.
   *
   * @throws SampleError for what is no string, and for one in which something has no token
   */
  encode(raw: unknown): Int32Array {
    if (typeof raw !== 'string') {
      throw new SampleError({ expected: 'a text', received: describeValue(raw) });
    }
    return Int32Array.from(this.#split(raw), (token) => {
      const id = this.#ids.get(token) ?? this.#unknown;
      if (id !== undefined && id !== this.blank) return id;
      throw new SampleError({
        expected: `a text of the vocabulary's ${this.#ofWords ? 'words' : 'letters'}`,
        received: `${describeValue(token)} in ${describeValue(raw)}`,
        hint: 'Add it to vocabulary, or leave it out of the text.',
      });
    });
  }

  /** The text of labels, without spaces at its ends. */
  decode(ids: Iterable<number>): string {
    const tokens = [...ids].filter((id) => id !== this.blank).map((id) => this.#tokens[id]);
    if (this.#ofWords) return tokens.join(' ');
    const text = tokens.map((token) => (token === this.#delimiter ? ' ' : token)).join('');
    const written = this.#cased(text.trim());
    return this.#cleansUp ? withoutSpaces.change(written) : written;
  }

  /** The words of labels that follow one another, as `output_word_offsets` of Python. */
  words(labels: readonly WrittenLabel[]): WrittenSpan[] {
    const words: WrittenSpan[] = [];
    let isOpen = false;
    for (const { id, startFrame, endFrame } of labels) {
      const token = this.#tokens[id];
      const last = words.at(-1);
      if (token === this.#delimiter) isOpen = false;
      else if (isOpen && last && !this.#ofWords) {
        const text = last.text + this.#cased(token);
        words[words.length - 1] = { text, ids: [...last.ids, id], startFrame: last.startFrame, endFrame };
      } else {
        words.push({ text: this.#cased(token), ids: [id], startFrame, endFrame });
        isOpen = true;
      }
    }
    return words;
  }

  #split(text: string): string[] {
    if (this.#ofWords) return text.split(/\s+/).filter((word) => word !== '');
    const parts = this.#longTokens ? text.split(this.#longTokens) : [text]; // every second is a long token
    return parts.flatMap((part, index) => {
      if (index % 2 === 1) return [part];
      const cased = this.#lowerCase ? part.toUpperCase() : part;
      return [...cased].map((letter) => (letter === ' ' ? (this.#delimiter ?? ' ') : letter));
    });
  }

  #cased(text: string): string {
    return this.#lowerCase ? text.toLowerCase() : text;
  }
}
