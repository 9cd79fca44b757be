/** Tokens to text, special ones left out. */
export type DecodeText = (ids: readonly number[]) => string;

/** What stands for bytes that are no whole character, until the next token completes them. */
const replacement = '\uFFFD';

/** How many tokens of the prompt are decoded with what follows: a token may depend on those before it for its space. */
const contextLength = 8;

/** The text of tokens that come one by one, in pieces of whole characters. */
export class GrowingText {
  readonly #decode: DecodeText;
  readonly #ids: number[];
  #given: string;

  constructor(decode: DecodeText, prompt: ArrayLike<number>) {
    this.#decode = decode;
    this.#ids = Array.from(prompt).slice(-contextLength);
    this.#given = decode(this.#ids);
  }

  /** @returns what is certain of the text now and was not before; often '' */
  add(id: number): string {
    this.#ids.push(id);
    const text = this.#decode(this.#ids);
    let end = text.length;
    while (end > this.#given.length && text[end - 1] === replacement) end--;
    return this.#give(text.slice(0, end));
  }

  /** @returns what was held back, for it may be the beginning of a character */
  end(): string {
    return this.#give(this.#decode(this.#ids));
  }

  #give(text: string): string {
    if (text.length <= this.#given.length) return '';
    const piece = text.slice(this.#given.length);
    this.#given = text;
    return piece;
  }
}
