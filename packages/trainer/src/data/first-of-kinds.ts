import type { PreparedSample } from '@polymodal/core';
import { kindOf, type SampleShape } from './sample-shape';

/** Two samples have the loss that one alone may not have, a contrastive one for instance. */
const ofEach = 2;

/** Of more kinds it is not told soon what is true of all. */
const mostKinds = 64;

/** The first samples of each kind, by their modalities and targets. */
export class FirstOfKinds {
  readonly #known = new Map<string, PreparedSample[]>();
  #isWhole = true;

  see(sample: PreparedSample, shape: SampleShape): void {
    const kind = kindOf(shape, Object.keys(shape));
    const known = this.#known.get(kind) ?? [];
    if (known.length === 0 && this.#known.size === mostKinds) this.#isWhole = false;
    if (known.length === ofEach || !this.#isWhole) return;
    this.#known.set(kind, [...known, sample]);
  }

  /** Those of one kind together; undefined where there are too many kinds. */
  get batches(): readonly (readonly PreparedSample[])[] | undefined {
    return this.#isWhole ? [...this.#known.values()] : undefined;
  }
}
