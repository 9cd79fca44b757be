/**
 * Sequences that are being continued, all at once.
 *
 * `Item` is what a step adds to each of them: a token, a frame. `Output` is what a step tells of what may follow, for all of them.
 */
export interface Decoding<Item, Output> {
  /** What may follow the prompts. */
  prefill(): Promise<Output>;
  /** What may follow one more item of each sequence. */
  step(items: readonly Item[]): Promise<Output>;
  /** Goes on with these sequences, each of which may stand several times, or, where it has ended, not at all. */
  select(rows: readonly number[]): void;
  dispose(): void;
}
