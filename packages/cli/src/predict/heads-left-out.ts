import type { Model, Prediction, Sample } from '@polymodal/core';
import { counted } from '../command/counted';
import type { InputName } from './open-inputs';

/** Answers without one of the heads, and the first of them. */
interface LeftOut {
  count: number;
  readonly first: string;
  /** The slots that it had. */
  readonly present: string;
}

/** Counts the answers that some head is not in, since what it goes by is missing. */
export class HeadsLeftOut {
  readonly #heads: readonly string[];
  readonly #slots: readonly string[];
  readonly #found = new Map<string, LeftOut>();

  /** @param asked those that are asked for, by default all */
  constructor({ heads, modalities }: Pick<Model, 'heads' | 'modalities'>, asked?: readonly string[]) {
    this.#heads = asked ?? Object.keys(heads);
    this.#slots = modalities;
  }

  add({ input }: InputName, sample: Sample, answer: Prediction): void {
    for (const head of this.#heads) {
      if (head in answer) continue;
      const known = this.#found.get(head);
      if (known) known.count++;
      else this.#found.set(head, { count: 1, first: input, present: this.#presentIn(sample) });
    }
  }

  /** What is said of them, a line for each head. */
  get remarks(): string[] {
    return [...this.#found].map(
      ([head, { count, first, present }]) =>
        `The head "${head}" is not in ${counted(count, 'answer')}, since what it goes by is missing: in the first, ${first}, there is ${present} alone.`,
    );
  }

  #presentIn(sample: Sample): string {
    return this.#slots.filter((slot) => sample[slot] !== undefined && sample[slot] !== null).join(', ') || 'nothing';
  }
}
