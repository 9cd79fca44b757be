/** What was found, and the bytes that it takes. */
interface Found {
  readonly value: unknown;
  readonly bytes: number;
}

/** What constraints found of their vocabularies, within so many bytes for all of them together: what was used last stays. */
export class FoundTokens {
  readonly #maxBytes: number;
  /** By state or place of a grammar, in the order of use. */
  readonly #found = new Map<object, Found>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * What was found for a key, or is found now.
   *
   * @param key     which is always asked for the same kind of thing
   * @param bytesOf what that takes
   */
  of<Value>(key: object, find: () => Value, bytesOf: (value: Value) => number): Value {
    const known = this.#found.get(key);
    if (known) {
      this.#found.delete(key);
      this.#found.set(key, known);
      return known.value as Value;
    }
    const value = find();
    const bytes = bytesOf(value);
    this.#found.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, own] of this.#found) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#found.delete(oldest);
      this.#bytes -= own.bytes;
    }
    return value;
  }
}
