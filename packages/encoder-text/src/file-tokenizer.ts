import {
  Tokenizer as HuggingFaceTokenizer,
  LowercaseNormalizer,
  type Normalizer,
  PrecompiledNormalizer,
  SequenceNormalizer,
} from '@huggingface/tokenizers';
import { FileFormatError, SampleError } from '@polymodal/core';
import { PrecompiledCharacters } from './precompiled-characters';
import type { TokenizedText, Tokenizer } from './tokenizer';

/** The name under which a model keeps its tokenizer. */
export const tokenizerFileName = 'tokenizer.json';

/**
 * A tokenizer from a Hugging Face `tokenizer.json`, with the normalisation and special tokens that stand in it.
 * (`tokenizer_config.json` is not needed: it does not change the ids that Python's `tokenizers` gives.)
 */
export class FileTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly #file: Uint8Array;
  readonly #where: string;
  readonly #tokenizer: HuggingFaceTokenizer;

  /**
   * @param file content of the tokenizer.json
   * @param where how error messages call it
   * @throws FileFormatError if it is none
   */
  constructor(file: Uint8Array, where: string) {
    this.#file = file;
    this.#where = where;
    this.#tokenizer = parseTokenizer(file, where);
    this.vocabSize = Math.max(-1, ...[...this.#tokenizer.get_vocab().values()]) + 1;
  }

  encode(text: string, maxLength: number): TokenizedText {
    const ids = this.#ids(text, true);
    if (ids.length <= maxLength) return { ids: Int32Array.from(ids), truncated: false };
    const body = this.#ids(text, false);
    const start = indexOfSequence(ids, body); // the special tokens around the text stay
    const kept = Math.max(0, maxLength - (ids.length - body.length));
    const shortened = [...ids.slice(0, start + kept), ...ids.slice(start + body.length)];
    return { ids: Int32Array.from(shortened.slice(0, maxLength)), truncated: true };
  }

  /** As Python's tokenizers decode, which leave spaces before punctuation as they are. */
  decode(ids: readonly number[]): string {
    const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
    return ids.length === 0 ? '' : this.#tokenizer.decode([...ids], options);
  }

  /** @throws FileFormatError for a token that is not in the vocabulary */
  idOf(token: string): number {
    const id = this.#tokenizer.token_to_id(token);
    if (id !== undefined) return id;
    const expected = `a tokenizer with the token ${JSON.stringify(token)}`;
    throw new FileFormatError({ where: this.#where, expected, received: 'one without it' });
  }

  files(): Record<string, Uint8Array> {
    return { [tokenizerFileName]: this.#file };
  }

  #ids(text: string, addSpecialTokens: boolean): number[] {
    const { ids, tokens } = this.#tokenizer.encode(text, { add_special_tokens: addSpecialTokens });
    const unknown = ids.findIndex((id) => !(id >= 0 && id < this.vocabSize));
    if (unknown < 0) return ids;
    throw new SampleError({
      expected: 'a text that the tokenizer has tokens for',
      received: `${JSON.stringify(tokens[unknown])}, which is not in its vocabulary`,
      hint: 'The tokenizer has no unknown token. Use a byte-level one, or the tokenizer "bytes".',
    });
  }
}

const modelTypes: readonly unknown[] = ['BPE', 'WordPiece', 'Unigram'];

function parseTokenizer(file: Uint8Array, where: string): HuggingFaceTokenizer {
  let tokenizer: HuggingFaceTokenizer;
  let modelType: unknown;
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
    tokenizer = new HuggingFaceTokenizer(json, {});
    normalizeExactly(tokenizer.normalizer, where);
    tokenizer.encode('a'); // patterns that cannot be translated fail at their first use
    modelType = json.model.type ?? 'BPE'; // early files leave it out
  } catch (cause) {
    throw unusable(where, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (!modelTypes.includes(modelType)) throw unusable(where, `its model is of type ${JSON.stringify(modelType)}`);
  if (tokenizer.get_vocab().size === 0) throw unusable(where, 'its vocabulary is empty');
  return tokenizer;
}

/**
 * The library normalises with NFKC where a tokenizer brings a table of characters: here the table is used. And it knows a final
 * sigma from others, which Python's tokenizers, letter by letter, do not.
 */
function normalizeExactly(normalizer: Normalizer | null, where: string): void {
  if (normalizer instanceof SequenceNormalizer) {
    for (const part of normalizer.normalizers) normalizeExactly(part, where);
  } else if (normalizer instanceof PrecompiledNormalizer) {
    const table = new PrecompiledCharacters(Buffer.from(String(normalizer.charsmap), 'base64'), where);
    normalizer.normalize = (text) => table.normalize(text);
  } else if (normalizer instanceof LowercaseNormalizer) {
    normalizer.normalize = (text) => Array.from(text, (letter) => letter.toLowerCase()).join('');
  }
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

function indexOfSequence(ids: readonly number[], part: readonly number[]): number {
  return ids.findIndex((_, start) => part.every((id, i) => ids[start + i] === id));
}
