import { FileFormatError } from '../errors';

/** What the header of a safetensors file consists of: objects are maps, so that no name means anything to JavaScript. */
export type HeaderValue = string | number | readonly HeaderValue[] | ReadonlyMap<string, HeaderValue>;

/** The header holds tensors, a tensor holds a shape, a shape holds lengths. */
const deepest = 3;

/**
 * Parses the JSON of a header. Beyond `JSON.parse`, it refuses what readers in other languages understand in another way
 * or not at all: a key given twice, numbers that are no exact non-negative integers (`1.0` and `1e2` too), halves of
 * surrogate pairs; and whatever cannot be in a header: null, booleans, deep nesting.
 *
 * @param where how error messages call the file
 * @throws FileFormatError
 */
export function parseHeaderJson(text: string, where: string): HeaderValue {
  return new HeaderReader(text, where).whole();
}

class HeaderReader {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly where: string,
  ) {}

  whole(): HeaderValue {
    const value = this.value(0);
    this.skipSpace();
    if (this.position < this.text.length) this.fail('nothing after the header');
    return value;
  }

  private value(depth: number): HeaderValue {
    this.skipSpace();
    const start = this.text[this.position];
    if (start === '"') return this.string();
    if (start >= '0' && start <= '9') return this.integer();
    if (start !== '{' && start !== '[') this.fail('a text, an integer from 0, a list or an object');
    if (depth === deepest) this.fail(`at most ${deepest} lists and objects within one another`);
    return start === '{' ? this.object(depth) : this.list(depth);
  }

  private object(depth: number): ReadonlyMap<string, HeaderValue> {
    const entries = new Map<string, HeaderValue>();
    this.items('}', () => {
      this.skipSpace();
      if (this.text[this.position] !== '"') this.fail('a name in quotes');
      const start = this.position;
      const name = this.string();
      if (entries.has(name)) this.fail('every name once', start);
      this.skipSpace();
      if (this.text[this.position] !== ':') this.fail('a colon');
      this.position++;
      entries.set(name, this.value(depth + 1));
    });
    return entries;
  }

  private list(depth: number): readonly HeaderValue[] {
    const values: HeaderValue[] = [];
    this.items(']', () => values.push(this.value(depth + 1)));
    return values;
  }

  /** What stands between an opening bracket and `close`, with commas in between. */
  private items(close: string, item: () => void): void {
    this.position++;
    this.skipSpace();
    if (this.text[this.position] === close) {
      this.position++;
      return;
    }
    for (;;) {
      item();
      this.skipSpace();
      const next = this.text[this.position];
      if (next !== ',' && next !== close) this.fail(`a comma or ${close}`);
      this.position++;
      if (next === close) return;
    }
  }

  private string(): string {
    const start = this.position;
    let end = start;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) this.fail('a text that ends');
    } while (this.isEscaped(end));
    let value: string;
    try {
      value = JSON.parse(this.text.slice(start, end + 1));
    } catch {
      return this.fail('a text in JSON');
    }
    if (/\p{Surrogate}/u.test(value)) this.fail('a text of whole characters');
    this.position = end + 1;
    return value;
  }

  /** Whether an odd number of backslashes stands before the quote. */
  private isEscaped(quote: number): boolean {
    let first = quote;
    while (this.text[first - 1] === '\\') first--;
    return (quote - first) % 2 === 1;
  }

  private integer(): number {
    const digits = /(?:0|[1-9]\d{0,15})(?![\d.eE])/y; // 2^53 has 16 digits
    digits.lastIndex = this.position;
    const value = Number(digits.exec(this.text)?.[0] ?? Number.NaN);
    if (!Number.isSafeInteger(value)) this.fail('an integer below 2^53, without leading zeros, point or exponent');
    this.position = digits.lastIndex;
    return value;
  }

  private skipSpace(): void {
    while (' \t\n\r'.includes(this.text[this.position] ?? 'end')) this.position++;
  }

  private fail(expected: string, position = this.position): never {
    const found = this.text.slice(position, position + 20);
    throw new FileFormatError({
      where: this.where,
      expected: `a JSON header with ${expected}`,
      received: found === '' ? 'its end' : `${JSON.stringify(found)} at character ${position}`,
    });
  }
}
