import * as tf from '@tensorflow/tfjs-core';
import { adaptersOf, ownParameters } from './adapter';
import { describeValue } from './describe-value';
import { ConfigError, UnknownNameError } from './errors';
import type { Module } from './module';
import { suggestNames } from './nearest-names';

/** Which adapters a model computes with: all, none, or those of some names. */
export type AdaptersInUse = boolean | string | readonly string[];

/**
 * Puts adapters into use, and all others out of it.
 *
 * @throws UnknownNameError for a name that no adapter has; ConfigError for what is no choice
 */
export function useAdapters(model: Module, which: AdaptersInUse): void {
  const adapters = adaptersOf(model);
  const names = typeof which === 'boolean' ? [] : requireNames(model, which, 'useAdapters');
  const isWanted = (name: string | undefined) => (typeof which === 'boolean' ? which : names.includes(name ?? ''));
  const changed = [...adapters].filter(([, adapter]) => adapter.isInUse !== isWanted(adapter.name));
  for (const [, adapter] of changed) adapter.isInUse = !adapter.isInUse;
  renewWeights(
    model,
    changed.map(([path]) => path),
  );
}

/** @throws UnknownNameError for a name that no adapter of a model has; ConfigError for what is none */
export function requireNames(model: Module, given: string | readonly string[], where: string): string[] {
  const names = [given].flat();
  if (names.length === 0 || !names.every((name) => typeof name === 'string')) {
    throw new ConfigError({ where, expected: 'true, false, or names of adapters', received: describeValue(given) });
  }
  const known = [...new Set([...adaptersOf(model).values()].flatMap(({ name }) => name ?? []))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new UnknownNameError({
    where,
    expected: 'the name of an adapter of the model',
    received: `"${unknown}"`,
    hint:
      known.length > 0 ? suggestNames(unknown, known) : 'An adapter has a name where its entry in the config says one.',
  });
}

/** Compiled programs know by the weights that they hold whether they still hold: what is adapted gets them anew, the same to the bit. */
function renewWeights(model: Module, adapterPaths: readonly string[]): void {
  const modules = adapterPaths.map((path) => path.slice(0, path.lastIndexOf('.adapter')));
  const parameters = ownParameters(model);
  const owners = new Set(modules);
  for (const [path, parameter] of parameters) {
    if (!parameter.isInitialized || !owners.has(path.slice(0, path.lastIndexOf('.')))) continue;
    const values = parameter.value.dataSync().slice();
    tf.tidy(() => parameter.assign(tf.tensor(values, [...parameter.shape], 'float32')));
  }
}
