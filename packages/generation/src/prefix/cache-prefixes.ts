import {
  BackendError,
  backendCapabilities,
  ConfigError,
  describeValue,
  isRecord,
  type Module,
  parseConfig,
  requireArgument,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { PrefixCache, type PrefixFigures } from './prefix-cache';

/** A fusion whose sequences can begin behind what a prefix cache knows of them. */
export interface CachesPrefixes {
  /** The cache that sequences begin behind now. */
  readonly prefixes: PrefixCache | undefined;
  /** Has all sequences begin so, from now on; with undefined, none. */
  cachePrefixes(prefixes: PrefixCache | undefined): void;
}

/** How {@link cachePrefixes} keeps prompts. */
export interface PrefixOptions {
  /** Most bytes of keys and values that are kept between predictions, beside those of the texts that are being written. 256 MiB by default. */
  readonly maxBytes?: number;
}

/** Prompts that a model keeps. */
export interface CachedPrefixes {
  /** What came of it so far. */
  readonly figures: PrefixFigures;
  /** Forgets the prompts that are kept, and goes on keeping those to come. */
  clear(): void;
  /** Forgets them, and has the model compute prompts whole again, unless it was given another cache since. */
  dispose(): void;
}

/**
 * Has a model that writes keep the keys and values of its prompts, so that of the next ones only what is new is computed: a conversation's
 * next turn begins with all turns before it. Answers are the same up to the rounding of float32. It holds of `predict` and `stream`, for any
 * number of conversations at a time: prompts that were not used for the longest time give way.
 *
 * ```ts
 * const prefixes = cachePrefixes(model, { maxBytes: 2 ** 28 });
 * const turns = [{ role: 'user', content: 'Where is Bern?' }];
 * const [first] = await model.predict([{ text: turns }]);
 * turns.push({ role: 'assistant', content: first.text.text }, { role: 'user', content: 'And Rome?' });
 * await model.predict([{ text: turns }]); // computes what stands behind the first question
 * console.log(prefixes.figures.reused);
 * ```
 *
 * @throws ConfigError for a model whose fusion has no causal sequence that prefixes can be known of: `decoder` has, also with pictures and sounds
 *   spliced in, which are known by what they are embedded as; `flamingo` has not, whose tokens look at their pictures from between the layers
 * @throws BackendError where the current backend does not compile, and so computes prompts whole
 */
export function cachePrefixes(model: { readonly fusion: Module }, options: PrefixOptions = {}): CachedPrefixes {
  requireArgument(isRecord(model) && isRecord(model.fusion), 'cachePrefixes', 'a model', model);
  const { maxBytes } = parseConfig(optionsSchema, options, 'cachePrefixes');
  const { fusion } = model;
  if (!isCaching(fusion)) throw withoutPrefixes(fusion);
  if (!backendCapabilities().compile) throw withoutPrograms();
  const prefixes = new PrefixCache(maxBytes);
  fusion.cachePrefixes(prefixes);
  return {
    get figures() {
      return prefixes.figures;
    },
    clear: () => prefixes.clear(),
    dispose() {
      if (fusion.prefixes === prefixes) fusion.cachePrefixes(undefined);
    },
  };
}

const optionsSchema = z.strictObject({
  maxBytes: z
    .int()
    .positive()
    .default(2 ** 28),
});

function isCaching(fusion: object): fusion is CachesPrefixes {
  return typeof (fusion as Partial<CachesPrefixes>).cachePrefixes === 'function';
}

function withoutPrefixes(fusion: Module): ConfigError {
  return new ConfigError({
    where: 'cachePrefixes',
    expected: 'a model whose fusion is `decoder`',
    received: describeValue(fusion),
    hint: 'What its tokens become does not follow from those before them alone, or it has no causal sequence.',
  });
}

function withoutPrograms(): BackendError {
  return new BackendError({
    where: 'cachePrefixes',
    expected: 'a backend that compiles, such as onnx',
    received: tf.getBackend(),
    hint: 'Install @polymodal/backend-onnx, and take it: await useBackend("onnx").',
  });
}
