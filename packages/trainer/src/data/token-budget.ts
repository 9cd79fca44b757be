import { ConfigError } from '@polymodal/core';
import type { BatchLengths, SampleShape } from './sample-shape';
import type { TokenCounter } from './token-counter';

/** So many tokens a batch, padding among them: one of a combination that has more of them, or of longer samples, has fewer rows. */
export class TokenBudget {
  readonly #tokens: number;
  readonly #counter: TokenCounter;
  /** How errors call it. */
  readonly #where: string;

  constructor(tokens: number, counter: TokenCounter, where: string) {
    this.#tokens = tokens;
    this.#counter = counter;
    this.#where = where;
  }

  /**
   * How many rows of a kind it holds, none perhaps.
   *
   * @param shape      of one of them
   * @param modalities those of the batch
   * @param lengths    that all are padded to
   */
  rows(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): number {
    return Math.floor(this.#tokens / Math.max(1, this.#counter.computed(shape, modalities, lengths)));
  }

  /** @throws ConfigError where it does not hold a single one */
  requireRow(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): void {
    if (this.rows(shape, modalities, lengths) > 0) return;
    const needed = this.#counter.computed(shape, modalities, lengths);
    throw new ConfigError({
      where: this.#where,
      expected: `at least ${needed}: so many a sample with ${modalities.join(', ')} has, padded to the longest`,
      received: String(this.#tokens),
      hint: 'Take more tokens, or have processors keep less of a value: those of texts take maxLength.',
    });
  }
}
