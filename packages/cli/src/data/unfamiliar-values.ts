import { type Model, processorOfOne, type Sample } from '@polymodal/core';
import { counted } from '../command/counted';

/** Different ones that are counted, and of these such as are told. */
const [mostCounted, mostTold] = [10_000, 5];

/** Counts what of samples a model did not learn to tell apart, such as categories that are new in a table. */
export class UnfamiliarValues {
  readonly #counts = new Map<string, number>();

  constructor(readonly processors: Model['processors']) {}

  /** Whether any processor has something to say of values. Where none has, samples need not be read for it. */
  get mayOccur(): boolean {
    return Object.values(this.processors).some((own) => processorOfOne(own).unfamiliar !== undefined);
  }

  /** @param sample one that could be read */
  add(sample: Sample): void {
    for (const [slot, processor] of Object.entries(this.processors)) {
      const value = sample[slot];
      if (value === undefined || value === null) continue;
      for (const phrase of processor.unfamiliar?.(value) ?? []) this.#count(`${slot}, ${phrase}`);
    }
  }

  /** How often each came, the most frequent first. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b - a));
  }

  /** What is said of them. Empty where there are none. */
  get remark(): string {
    const all = Object.entries(this.counts);
    if (all.length === 0) return '';
    const told = all.slice(0, mostTold).map(([phrase, count]) => `${phrase} (${counted(count, 'time')})`);
    const more = all.length > mostTold ? `, and ${all.length - mostTold} more` : '';
    return `Not told apart in training: ${told.join('; ')}${more}. Such a cell counts as rare ones do, or as empty.`;
  }

  #count(phrase: string): void {
    const count = this.#counts.get(phrase);
    if (count !== undefined || this.#counts.size < mostCounted) this.#counts.set(phrase, (count ?? 0) + 1);
  }
}
