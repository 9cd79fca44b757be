import type { AutomatonState } from './constraint/byte-automaton';
import type { Constraint } from './constraint/constraint';
import type { SequenceSoFar } from './logits/logits-processor';

/** A sequence of tokens that is being continued. */
export class GrowingSequence implements SequenceSoFar {
  readonly ids: number[];
  readonly promptLength: number;
  readonly #constraint: Constraint | undefined;
  #place: AutomatonState | undefined;

  constructor(ids: ArrayLike<number>, constraint?: Constraint, promptLength = ids.length) {
    this.ids = Array.from(ids);
    this.promptLength = promptLength;
    this.#constraint = constraint;
    this.#place = constraint?.start;
  }

  get place(): AutomatonState | undefined {
    return this.#place;
  }

  /** The same, which goes on by itself. */
  copy(): GrowingSequence {
    const copy = new GrowingSequence(this.ids, this.#constraint, this.promptLength);
    copy.#place = this.#place;
    return copy;
  }

  /** The same with one more token, beside this one. */
  with(id: number): GrowingSequence {
    const longer = this.copy();
    longer.add(id);
    return longer;
  }

  add(id: number): void {
    this.ids.push(id);
    if (this.#place) this.#place = this.#constraint?.after(this.#place, id);
  }

  /** What was added to the prompt. */
  get written(): number[] {
    return this.ids.slice(this.promptLength);
  }
}
