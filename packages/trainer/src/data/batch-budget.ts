import { ConfigError } from '@polymodal/core';
import type { BatchLengths, SampleShape } from './sample-shape';

/** What rows of a batch cost together. */
export interface BatchCost {
  /** As options call it. */
  readonly unit: 'tokens' | 'bytes';

  /**
   * That of some rows of a kind: of more rows no less.
   *
   * @param shape      of one of them
   * @param modalities those of the batch
   * @param lengths    that all are padded to
   */
  of(rows: number, shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): number;
}

/** No batch has more rows, whatever they cost. */
const mostRows = 2 ** 20;

/** So much a batch, padding included: one of a combination that costs more, or of longer samples, has fewer rows. */
export class BatchBudget {
  readonly #most: number;
  readonly #cost: BatchCost;
  /** How errors call it. */
  readonly #where: string;

  constructor(most: number, cost: BatchCost, where: string) {
    this.#most = most;
    this.#cost = cost;
    this.#where = `${where}.${cost.unit}`;
  }

  /**
   * How many rows of a kind it holds, none perhaps.
   *
   * @param shape      of one of them
   * @param modalities those of the batch
   * @param lengths    that all are padded to
   */
  rows(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): number {
    const holds = (rows: number) => this.#cost.of(rows, shape, modalities, lengths) <= this.#most;
    let tooMany = 1;
    while (tooMany < mostRows && holds(tooMany)) tooMany *= 2;
    let enough = Math.floor(tooMany / 2);
    while (tooMany - enough > 1) {
      const between = Math.floor((enough + tooMany) / 2);
      if (holds(between)) enough = between;
      else tooMany = between;
    }
    return enough;
  }

  /** @throws ConfigError where it does not hold a single one */
  requireRow(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): void {
    if (this.rows(shape, modalities, lengths) > 0) return;
    const { unit } = this.#cost;
    const needed = Math.ceil(this.#cost.of(1, shape, modalities, lengths));
    throw new ConfigError({
      where: this.#where,
      expected: `at least ${needed}: so many a sample with ${modalities.join(', ')} takes, padded to the longest`,
      received: String(this.#most),
      hint: `Take more ${unit}, or have processors keep less of a value: those of texts take maxLength.`,
    });
  }
}
