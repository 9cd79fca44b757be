import { ModuleBuffer } from './module-buffer';

/**
 * A buffer whose values follow from how many steps of training were taken: what is to be warmed up or annealed. The trainer sets it
 * before each step; a model that is saved keeps the values of its last one, and answers with them.
 *
 * ```ts
 * const opening = new ScheduledBuffer([], (step) => Float32Array.of(Math.min(step / 1000, 1))); // as a property of a module
 * ```
 */
export class ScheduledBuffer extends ModuleBuffer {
  /** @param valuesAt what the buffer holds in a step, counted from 0: as many values as its shape has */
  constructor(
    shape: readonly number[],
    readonly valuesAt: (step: number) => Float32Array,
  ) {
    super(shape, () => valuesAt(0));
  }

  /** Takes on the values of a step. @throws ShapeError for another number of values than the shape has */
  advanceTo(step: number): void {
    this.assignValues(this.valuesAt(step));
  }
}
