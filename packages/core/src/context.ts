import { describeValue } from './describe-value';
import { StateError } from './errors';
import type { Module } from './module';
import type { RandomKey } from './random-key';
import { requireArgument } from './require-argument';

/** What a forward pass is for. Modules read it; nothing else distinguishes training from inference. */
export interface Context {
  /** Whether dropout and the like are active. */
  readonly training: boolean;
  /**
   * A key for what a module draws at random: another one at each of the module's calls within a pass, and the same ones in the same
   * step. It follows from the module's path, so that what others draw, or a new module elsewhere, changes nothing.
   *
   * @throws StateError in inference, and for a module that is no part of what is trained
   */
  keyFor(module: Module): RandomKey;
  /** Asks long loops (generation) to stop. */
  readonly signal?: AbortSignal;
  /**
   * Whether a part may run what it computes compiled, and keep it so for the next pass: while a model answers, its weights stay as they
   * are and nobody asks for gradients. A part that is compiled as a whole, by others, is not told so.
   */
  readonly mayCompile?: boolean;
}

/**
 * The context of one training step. Its randomness follows from `key` and the paths of the modules in `root` alone.
 *
 * ```ts
 * const losses = model.losses(batch, trainingContext(RandomKey.from(0).fold(step), model));
 * ```
 *
 * @param root what is trained: the model, or a part on its own
 * @throws ConfigError for what is no key, or no module
 */
export function trainingContext(key: RandomKey, root: Module, signal?: AbortSignal): Context {
  requireArgument(typeof key?.fold === 'function', 'trainingContext', 'a key, RandomKey.from(0) say', key);
  requireArgument(typeof root?.modules === 'function', 'trainingContext, root', 'a module, the model say', root);
  const draws = new Map<Module, number>();
  return {
    training: true,
    keyFor(module) {
      const draw = draws.get(module) ?? 0;
      draws.set(module, draw + 1);
      return key.fold(pathOf(module, root)).fold(draw);
    },
    ...(signal && { signal }),
  };
}

/**
 * The context of inference: deterministic, so asking it for randomness is an error.
 *
 * ```ts
 * const { fused } = model.forward(batch, inferenceContext());
 * ```
 */
export function inferenceContext(signal?: AbortSignal): Context {
  return {
    training: false,
    keyFor() {
      throw new StateError({
        where: 'inference',
        expected: 'no randomness',
        received: 'a call of context.keyFor()',
        hint: 'Draw random numbers only where context.training is true.',
      });
    },
    ...(signal && { signal }),
  };
}

/** @throws ConfigError for what is no context */
export function requireContext(context: unknown, where: string): void {
  const isContext = typeof (context as Partial<Context> | null | undefined)?.keyFor === 'function';
  requireArgument(isContext, `${where}, context`, 'a context, inferenceContext() say', context);
}

/** The paths of a root's modules, which are looked for when one is asked for that is not known yet. */
const knownPaths = new WeakMap<Module, Map<Module, string>>();

function pathOf(module: Module, root: Module): string {
  const known = knownPaths.get(root)?.get(module);
  if (known !== undefined) return known;
  const paths = new Map([...root.modules()].map(([path, own]) => [own, path]));
  knownPaths.set(root, paths);
  const path = paths.get(module);
  if (path !== undefined) return path;
  throw new StateError({
    where: 'context.keyFor',
    expected: `a module that is reached through the properties of ${describeValue(root)}`,
    received: describeValue(module),
    hint: 'Keep modules as properties (also in arrays and records) of the module that uses them, and give trainingContext the outermost one.',
  });
}
