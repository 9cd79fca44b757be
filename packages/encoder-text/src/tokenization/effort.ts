import { SampleError } from '@polymodal/core';

/** Steps that a pattern may take for each letter of a text, on top of those for short texts. */
const stepsPerLetter = 400;
const stepsForAnyText = 20_000_000;
/** Letters that a text may grow to, for each of its own, on top of those for short texts. */
const growth = 32;
const lettersForAnyText = 100_000;

/**
 * What may be spent on one text: a tokenizer.json can ask for more than anybody waits for, or has memory for. It is
 * counted, not measured, so that a text is refused everywhere or nowhere.
 */
export class Effort {
  readonly #maxSteps: number;
  readonly #maxLetters: number;
  #steps = 0;

  constructor(text: string) {
    this.#maxSteps = stepsForAnyText + stepsPerLetter * text.length;
    this.#maxLetters = lettersForAnyText + growth * text.length;
  }

  /** @throws SampleError if the patterns take too many steps */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps <= this.#maxSteps) return;
    throw new SampleError({
      expected: `a text that the patterns of the tokenizer.json match in ${this.#maxSteps} steps`,
      received: 'one for which they go through ever more combinations',
      hint: 'The time of a pattern such as (a+)+$ doubles with each letter. Change the tokenizer.json, or leave out such texts.',
    });
  }

  /** How many steps are left. */
  get left(): number {
    return this.#maxSteps - this.#steps;
  }

  /** @throws SampleError if a normalizer makes the text too long */
  readonly allowLength = (letters: number): void => {
    if (letters <= this.#maxLetters) return;
    throw new SampleError({
      expected: `a text that its normalizer makes no longer than ${this.#maxLetters} letters`,
      received: `one of ${letters}`,
      hint: 'The tokenizer.json replaces letters by ever more of them.',
    });
  };
}
