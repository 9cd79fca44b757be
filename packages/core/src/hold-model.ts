import { StateError } from './errors';
import type { Module } from './module';

/** Who is at work on which model. */
const holders = new WeakMap<Module, { readonly holder: string; readonly hint: string | undefined }>();

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
 * @param hint   what ends it, where that is not its own end
 * @returns lets go
 * @throws StateError while another has it
 */
export function holdModel(model: Module, holder: string, hint?: string): () => void {
  requireFree(model, holder);
  holders.set(model, { holder, hint });
  return () => void holders.delete(model);
}

/** @throws StateError for a model that is at work */
export function requireFree(model: Module, where: string): void {
  const held = holders.get(model);
  if (held === undefined) return;
  const { holder, hint } = held;
  throw new StateError({
    where,
    expected: 'a model that nothing else is changing',
    received: `one that a call of ${holder} is at work on`,
    hint: hint ?? `Wait for ${holder} to end first. Another model of the same config can be made with composeModel.`,
  });
}
