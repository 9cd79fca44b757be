import { CacheBudget } from '../cache-budget';

/**
 * What was read of files whose values are changed at random: pixels, samples of sound. They are changed anew in each epoch, and need not be decoded
 * anew. What came first stays, since every epoch asks for all of them once.
 */
export class DecodedValues {
  readonly #kept = new Map<string, unknown>();
  readonly #budget: CacheBudget;

  constructor(bytes: number) {
    this.#budget = new CacheBudget(bytes);
  }

  /** What is kept takes so much. */
  get bytes(): number {
    return this.#budget.taken;
  }

  /**
   * What `read` gives of a raw value of a slot.
   *
   * @param raw the path of a file, or what is not kept
   */
  async of(slot: string, raw: unknown, read: () => unknown): Promise<unknown> {
    if (typeof raw !== 'string') return read();
    const key = `${slot}\n${raw}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const value = await read();
    const bytes = arrayBytes(value);
    if (bytes > 0 && !this.#kept.has(key) && this.#budget.take(bytes)) this.#kept.set(key, value);
    return value;
  }
}

/** Of the arrays that a value consists of: nothing of texts, which are no files and are read at once. */
function arrayBytes(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, own) => sum + (ArrayBuffer.isView(own) ? own.byteLength : 0), 0);
}
