import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, describeThrown, describeValue } from '@polymodal/core';
import type { AugmentSample } from '../augment';

/** A function that changes raw samples, by the module that exports it: so that other threads can have it too, which no function can be sent to. */
export interface ImportedAugment {
  /** Where it is: `new URL('./augment.js', import.meta.url)`, or a path. */
  readonly module: string | URL;
  /** What it is exported as. Default `augment`. */
  readonly name?: string;
  /** Plain data. With them what is exported is called, once, and gives the function. */
  readonly options?: unknown;
}

/** @throws ConfigError for a module that cannot be loaded, or that has no such function */
export async function importAugment({ module, name = 'augment', options }: ImportedAugment): Promise<AugmentSample> {
  const url = urlOf(module);
  const fault = (received: string, cause?: unknown) =>
    new ConfigError({
      where: 'train.augment',
      expected: `a module that exports a function called "${name}"`,
      received,
      cause,
    });
  let exported: unknown;
  try {
    exported = ((await import(url)) as Record<string, unknown>)[name];
  } catch (cause) {
    throw fault(`${describeThrown(cause)} while loading ${url}`, cause);
  }
  if (typeof exported !== 'function') throw fault(`${describeValue(exported)} in ${url}`);
  if (options === undefined) return exported as AugmentSample;
  const made: unknown = await exported(options);
  if (typeof made === 'function') return made as AugmentSample;
  throw fault(`one that gives ${describeValue(made)} for its options, and no function`);
}

/** The address of a module, in any thread. */
export function urlOf(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return /^[a-z][a-z0-9+.-]+:/i.test(module) ? module : pathToFileURL(resolve(module)).href;
}
