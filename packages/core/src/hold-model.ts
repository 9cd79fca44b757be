import { StateError } from './errors';
import type { Module } from './module';

/** Who is at work on which model. */
const holders = new WeakMap<Module, string>();

/**
 * Keeps the parameters of a model for one at a time, who changes them step by step: a training. Until it lets go, a second one is
 * refused, and so is what would take parameters out, such as `mergeAdapters`.
 *
 * ```ts
 * const release = holdModel(model, 'myTraining');
 * try {
 *   // steps
 * } finally {
 *   release();
 * }
 * ```
 *
 * @param holder the function that is at work, as errors call it
 * @returns lets go
 * @throws StateError while another has it
 */
export function holdModel(model: Module, holder: string): () => void {
  requireFree(model, holder);
  holders.set(model, holder);
  return () => void holders.delete(model);
}

/** @throws StateError for a model that is at work */
export function requireFree(model: Module, where: string): void {
  const holder = holders.get(model);
  if (holder === undefined) return;
  throw new StateError({
    where,
    expected: 'a model that nothing else is changing',
    received: `one that a call of ${holder} is at work on`,
    hint: `Wait for ${holder} to end first. Another model of the same config can be made with composeModel.`,
  });
}
