import { type Adapter, adaptersOf } from './adapter';
import { StateError } from './errors';
import type { Module } from './module';

/**
 * Puts what adapters have learned into the parameters that they adapt, all of them or none.
 *
 * @param keep whether they can be put on again; if not, they are freed
 * @returns takes them out of the parameters again
 * @throws StateError for adapters that are no change of parameters
 */
export function mergeAdapters(model: Module, keep: boolean): () => void {
  const adapters = [...adaptersOf(model).values()];
  const takeOut = mergeAll(adapters);
  if (keep) return takeOut;
  for (const adapter of adapters) adapter.dispose();
  return () => {
    throw adaptersFreed();
  };
}

/** Merges adapters in their order, or none. Returns how they are taken out again. */
function mergeAll(adapters: readonly Adapter[]): () => void {
  const merged: (() => void)[] = [];
  const takeOut = () => {
    for (const undo of merged.splice(0).reverse()) undo();
  };
  try {
    for (const adapter of adapters) merged.push(adapter.merge());
  } catch (error) {
    takeOut();
    throw error;
  }
  return takeOut;
}

function adaptersFreed(): StateError {
  return new StateError({
    where: 'mergeAdapters',
    expected: 'adapters that were kept, to be put on again',
    received: 'adapters that were freed when they were merged',
    hint: 'const unmerge = model.mergeAdapters({ keep: true });',
  });
}
