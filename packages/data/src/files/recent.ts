/** Keeps what was made last, so that neighbours are not made from the same bytes again and again. */
export class Recent<Key, Value> {
  readonly #kept = new Map<Key, Promise<Value>>();

  /** @param capacity values that are kept */
  constructor(readonly capacity: number) {}

  /** The value of a key, made where it is not kept. Who asks for one that is being made waits for it. */
  get(key: Key, make: () => Promise<Value>): Promise<Value> {
    const value = this.#kept.get(key) ?? make();
    this.#kept.delete(key);
    this.#kept.set(key, value);
    value.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.capacity) break;
      this.#kept.delete(oldest);
    }
    return value;
  }
}
