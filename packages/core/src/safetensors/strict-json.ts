import { FileFormatError } from '../errors';

/** Parsed JSON whose objects are maps, so that no name in it means anything to JavaScript. */
export type StrictJson = string | number | boolean | null | readonly StrictJson[] | ReadonlyMap<string, StrictJson>;

export interface StrictJsonOptions {
  /** How error messages call the text. */
  readonly where: string;
  /** How many lists and objects may be within one another. */
  readonly deepest: number;
  /** Whether every number must be an exact integer from 0, written as such: no `1.0`, no `1e2`. */
  readonly integersOnly: boolean;
}

/**
 * Parses JSON that comes from a stranger. Unlike `JSON.parse` it refuses what readers in other languages understand in
 * another way or not at all: a key given twice, halves of surrogate pairs, deep nesting.
 *
 * @throws FileFormatError
 */
export function parseStrictJson(text: string, options: StrictJsonOptions): StrictJson {
  return new JsonReader(text, options).whole();
}

class JsonReader {
  #position = 0;

  readonly #text: string;
  readonly #options: StrictJsonOptions;

  constructor(text: string, options: StrictJsonOptions) {
    this.#text = text;
    this.#options = options;
  }

  whole(): StrictJson {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#position < this.#text.length) this.#fail('nothing after the value');
    return value;
  }

  #value(depth: number): StrictJson {
    this.#skipSpace();
    const start = this.#text[this.#position];
    if (start === '"') return this.#string();
    if (start === '{' || start === '[') {
      if (depth === this.#options.deepest) this.#fail(`at most ${depth} lists and objects within one another`);
      return start === '{' ? this.#object(depth) : this.#list(depth);
    }
    const [literal] = this.#match(/(?:true|false|null)/y) ?? [];
    return literal ? JSON.parse(literal) : this.#number();
  }

  #object(depth: number): ReadonlyMap<string, StrictJson> {
    const entries = new Map<string, StrictJson>();
    this.#items('}', () => {
      this.#skipSpace();
      if (this.#text[this.#position] !== '"') this.#fail('a name in quotes');
      const start = this.#position;
      const name = this.#string();
      if (entries.has(name)) this.#fail('every name once', start);
      this.#skipSpace();
      if (this.#text[this.#position] !== ':') this.#fail('a colon');
      this.#position++;
      entries.set(name, this.#value(depth + 1));
    });
    return entries;
  }

  #list(depth: number): readonly StrictJson[] {
    const values: StrictJson[] = [];
    this.#items(']', () => values.push(this.#value(depth + 1)));
    return values;
  }

  /** What stands between an opening bracket and `close`, with commas in between. */
  #items(close: string, item: () => void): void {
    this.#position++;
    this.#skipSpace();
    if (this.#text[this.#position] === close) {
      this.#position++;
      return;
    }
    for (;;) {
      item();
      this.#skipSpace();
      const next = this.#text[this.#position];
      if (next !== ',' && next !== close) this.#fail(`a comma or ${close}`);
      this.#position++;
      if (next === close) return;
    }
  }

  #string(): string {
    const start = this.#position;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.#fail('a text that ends');
    } while (this.#isEscaped(end));
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(start, end + 1));
    } catch {
      return this.#fail('a text in JSON');
    }
    if (/\p{Surrogate}/u.test(value)) this.#fail('a text of whole characters');
    this.#position = end + 1;
    return value;
  }

  /** Whether an odd number of backslashes stands before the quote. */
  #isEscaped(quote: number): boolean {
    let first = quote;
    while (this.#text[first - 1] === '\\') first--;
    return (quote - first) % 2 === 1;
  }

  #number(): number {
    const start = this.#position;
    const digits = this.#match(/-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,9})?(?![\d.eE])/y)?.[0];
    if (digits === undefined) return this.#fail('a value');
    const value = Number(digits);
    if (this.#options.integersOnly && (/\D/.test(digits) || !Number.isSafeInteger(value))) {
      this.#fail('integers from 0 to 2^53, written without point and exponent', start);
    }
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text);
    if (found) this.#position = pattern.lastIndex;
    return found;
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#position] ?? 'end')) this.#position++;
  }

  #fail(expected: string, position = this.#position): never {
    const found = this.#text.slice(position, position + 20);
    throw new FileFormatError({
      where: this.#options.where,
      expected: `JSON with ${expected}`,
      received: found === '' ? 'its end' : `${JSON.stringify(found)} at character ${position}`,
    });
  }
}
