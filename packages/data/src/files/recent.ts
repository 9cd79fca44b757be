/** Keeps what was made last, so that neighbours are not made from the same bytes again and again. */
export class Recent<Key, Value> {
  readonly #kept = new Map<Key, { readonly value: Promise<Value>; readonly size: number }>();
  #size = 0;

  /** @param capacity how much is kept: values, or what their sizes are in. The last value always is */
  constructor(readonly capacity: number) {}

  /** The value of a key, made where it is not kept. Who asks for one that is being made waits for it. */
  get(key: Key, make: () => Promise<Value>, size = 1): Promise<Value> {
    const known = this.#kept.get(key);
    const value = known?.value ?? make();
    this.#remove(key);
    this.#kept.set(key, { value, size });
    this.#size += size;
    if (!known) value.catch(() => this.#remove(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.capacity || this.#kept.size === 1) break;
      this.#remove(oldest);
    }
    return value;
  }

  #remove(key: Key): void {
    this.#size -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}
