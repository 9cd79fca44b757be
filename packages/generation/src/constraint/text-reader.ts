import { ConfigError } from '@polymodal/core';

const mostCharacters = 100_000;
const mostGroups = 200;

/** Reads a text in a small language, character by character. */
export class TextReader {
  readonly #characters: readonly string[];
  readonly #where: string;
  #at = 0;
  #depth = 0;

  /**
   * @param where how errors call the text
   * @throws ConfigError for a text that is longer than any that people write, or has halves of characters in it
   */
  constructor(text: string, where: string) {
    if (text.length > mostCharacters) {
      throw new ConfigError({ where, expected: `at most ${mostCharacters} characters`, received: `${text.length}` });
    }
    if (/\p{Surrogate}/u.test(text)) {
      throw new ConfigError({ where, expected: 'whole characters', received: 'half of a surrogate pair' });
    }
    this.#characters = Array.from(text);
    this.#where = where;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  get place(): number {
    return this.#at;
  }

  /** The next character, or one behind it; `''` at the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? '';
  }

  take(): string {
    const character = this.peek();
    this.#at++;
    return character;
  }

  /** Takes a text if it stands here. */
  takes(text: string): boolean {
    const own = Array.from(text);
    if (own.some((character, ahead) => this.peek(ahead) !== character)) return false;
    this.#at += own.length;
    return true;
  }

  /** What stands here as far as each character is one of some. */
  takeWhile(isOne: (character: string) => boolean): string {
    let taken = '';
    while (!this.isAtEnd && isOne(this.peek())) taken += this.take();
    return taken;
  }

  /** What stands in a group, which may have groups in it. */
  within<Read>(read: () => Read): Read {
    if (++this.#depth > mostGroups) throw this.fault(`at most ${mostGroups} groups in one another`);
    const inner = read();
    this.#depth--;
    return inner;
  }

  /** A code point in hexadecimal digits. */
  takeHex(digits: number): number {
    const start = this.#at;
    let text = '';
    for (let count = 0; count < digits; count++) text += this.take();
    const point = Number.parseInt(text, 16);
    if (/^[0-9a-fA-F]+$/.test(text) && text.length === digits && point <= 0x10ffff) return point;
    this.#at = start;
    throw this.fault(`${digits} hexadecimal digits of a character`);
  }

  /** A number without a sign. */
  takeNumber(): number | undefined {
    const digits = this.takeWhile((character) => /[0-9]/.test(character));
    return digits === '' ? undefined : Number(digits);
  }

  /** The bounds of `{m}`, `{m,}` or `{m,n}`, behind its brace. */
  takeBounds(): { readonly least: number; readonly most: number } {
    const least = this.takeNumber();
    const isRange = this.takes(',');
    const most = isRange ? (this.takeNumber() ?? Number.POSITIVE_INFINITY) : least;
    if (least === undefined || most === undefined || most < least || !this.takes('}')) {
      throw this.fault('bounds such as {2}, {2,} or {2,5}');
    }
    return { least, most };
  }

  fault(expected: string): ConfigError {
    const rest = this.#characters.slice(this.#at, this.#at + 20).join('');
    return new ConfigError({
      where: this.#where,
      expected: `${expected} at character ${this.#at}`,
      received: rest === '' ? 'the end' : JSON.stringify(rest),
    });
  }
}
