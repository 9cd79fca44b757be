import type { SequenceSoFar } from './logits/logits-processor';

/** A sequence of tokens that is being continued. */
export class GrowingSequence implements SequenceSoFar {
  readonly ids: number[];
  readonly promptLength: number;

  constructor(ids: ArrayLike<number>, promptLength = ids.length) {
    this.ids = Array.from(ids);
    this.promptLength = promptLength;
  }

  /** The same with one more token, beside this one. */
  with(id: number): GrowingSequence {
    const longer = new GrowingSequence(this.ids, this.promptLength);
    longer.add(id);
    return longer;
  }

  add(id: number): void {
    this.ids.push(id);
  }

  /** What was added to the prompt. */
  get written(): number[] {
    return this.ids.slice(this.promptLength);
  }
}
