import { type Adapter, adaptersOf } from './adapter';
import { StateError } from './errors';
import type { Module } from './module';

/**
 * Puts what adapters have learned into the parameters that they adapt, all of them or none.
 *
 * @param keep whether they can be put on again; if not, they are freed
 * @returns takes them out of the parameters again
 * @throws StateError for adapters that are out of use, and for those that are no change of parameters
 */
export function mergeAdapters(model: Module, keep: boolean): () => void {
  const adapters = [...adaptersOf(model).values()];
  requireInUse(adapters);
  const takeOut = mergeAll(adapters);
  if (!keep) for (const adapter of adapters) adapter.dispose();
  return () => {
    if (!keep) throw adaptersFreed();
    if (adaptersOf(model).size > 0) throw adaptersAdded();
    takeOut();
  };
}

function requireInUse(adapters: readonly Adapter[]): void {
  const idle = adapters.filter(({ isInUse }) => !isInUse);
  if (idle.length === 0) return;
  const names = [...new Set(idle.map(({ name }) => name ?? 'some without a name'))];
  throw new StateError({
    where: 'mergeAdapters',
    expected: 'adapters that are all in use, so that the merged model computes what this one does',
    received: `${names.join(', ')} out of use`,
    hint: 'To merge all of them: model.useAdapters(true).',
  });
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

function adaptersAdded(): StateError {
  return new StateError({
    where: 'mergeAdapters',
    expected: 'a model without adapters, to put those on that were merged',
    received: 'one that was given adapters since, or these already',
  });
}

function adaptersFreed(): StateError {
  return new StateError({
    where: 'mergeAdapters',
    expected: 'adapters that were kept, to be put on again',
    received: 'adapters that were freed when they were merged',
    hint: 'const unmerge = model.mergeAdapters({ keep: true });',
  });
}
