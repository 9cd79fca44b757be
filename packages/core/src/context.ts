import type * as tf from '@tensorflow/tfjs-core';
import type { AttendedTokens } from './attention/attended-tokens';
import { describeValue } from './describe-value';
import { StateError } from './errors';
import { changingTensor } from './host-values';
import type { Module } from './module';
import type { RandomKey } from './random-key';
import type { Recomputation } from './recomputation/recomputed';
import type { Separation } from './recomputation/run-apart';
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
  /**
   * A tensor of values that a module draws at random, from such a key. Where a step of training is replayed without running its code,
   * they are drawn anew, with the key of that step; one in which a part takes a key with {@link keyFor} and draws by itself is not replayed.
   *
   * ```ts
   * const noise = context.drawFor(this, tokens.shape, (key) => key.normal(tokens.size));
   * ```
   *
   * @param draw gives new values, as many as the shape has; a function of the key alone
   * @throws StateError as {@link keyFor}
   */
  drawFor<R extends tf.Rank>(
    module: Module,
    shape: tf.ShapeMap[R],
    draw: (key: RandomKey) => Float32Array | Int32Array,
  ): tf.Tensor<R>;
  /** Of training in which layers are computed again for their gradients: {@link recomputed} goes by it. */
  readonly recomputation?: Recomputation;
  /** Of training in which layers are programs of their own: {@link recomputed} goes by it too. */
  readonly separation?: Separation;
  /** Asks long loops (generation) to stop. */
  readonly signal?: AbortSignal;
  /**
   * Whether a part may run what it computes compiled, and keep it so for the next pass: while a model answers, its weights stay as they
   * are and nobody asks for gradients. A part that is compiled as a whole, by others, is not told so.
   */
  readonly mayCompile?: boolean;
  /**
   * There where somebody wants to know which tokens a fusion attends to: whoever has those of one modality attend to those of another tells,
   * at each place. Elsewhere nothing is computed for it. `attentionMaps` reads what it tells of a sample.
   */
  readonly tellAttention?: (attended: AttendedTokens) => void;
}

/** What an {@link inferenceContext} may be told. */
export interface InferenceContextOptions {
  /** Asks long loops (generation) to stop. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the attention of the pass, as {@link Context.tellAttention}. */
  readonly tellAttention?: Context['tellAttention'];
}

/** What a {@link trainingContext} may be told beside its key. */
export interface TrainingContextOptions {
  /** Asks long loops (generation) to stop. */
  readonly signal?: AbortSignal | undefined;
  /** Whether layers keep nothing for their gradients but what goes into them, and are computed again: see `recomputed`. */
  readonly rematerialize?: boolean;
  /** Told of each layer that is to be computed again: see {@link Recomputation}. */
  readonly tellLayer?: Recomputation['tellLayer'];
  /** How layers become programs of their own, where nothing is computed again. */
  readonly separation?: Separation | undefined;
  /** Called when a part takes a key to draw from by itself. */
  readonly onKey?: () => void;
}

/**
 * The context of one training step. Its randomness follows from `key` and the paths of the modules in `root` alone.
 *
 * ```ts
 * const losses = model.losses(batch, trainingContext(RandomKey.from(0).fold(step), model));
 * ```
 *
 * @param key  of the step; a function that says which it is now, where the step is to be replayed with others
 * @param root what is trained: the model, or a part on its own
 * @throws ConfigError for what is no key, or no module
 */
export function trainingContext(
  key: RandomKey | (() => RandomKey),
  root: Module,
  { signal, rematerialize = false, tellLayer, separation, onKey }: TrainingContextOptions = {},
): Context {
  const now = typeof key === 'function' ? key : () => key;
  requireArgument(typeof now()?.fold === 'function', 'trainingContext', 'a key, RandomKey.from(0) say', key);
  requireArgument(typeof root?.modules === 'function', 'trainingContext, root', 'a module, the model say', root);
  const withDraws = (draws: Map<Module, number>, recomputes: boolean): Context => {
    const nextKey = (module: Module) => {
      const path = pathOf(module, root);
      const draw = draws.get(module) ?? 0;
      draws.set(module, draw + 1);
      return () => now().fold(path).fold(draw);
    };
    return {
      training: true,
      keyFor(module) {
        onKey?.();
        return nextKey(module)();
      },
      drawFor(module, shape, draw) {
        const own = nextKey(module);
        return changingTensor(() => draw(own()), shape);
      },
      ...(recomputes && {
        recomputation: { again: () => withDraws(new Map(draws), false), made: [], ...(tellLayer && { tellLayer }) },
      }),
      ...(separation && !rematerialize && { separation }),
      ...(signal && { signal }),
    };
  };
  return withDraws(new Map(), rematerialize);
}

/**
 * The context of inference: deterministic, so asking it for randomness is an error.
 *
 * ```ts
 * const { fused } = model.forward(batch, inferenceContext());
 * ```
 */
export function inferenceContext({ signal, tellAttention }: InferenceContextOptions = {}): Context {
  return {
    training: false,
    keyFor: () => refuseRandomness('keyFor'),
    drawFor: () => refuseRandomness('drawFor'),
    ...(signal && { signal }),
    ...(tellAttention && { tellAttention }),
  };
}

function refuseRandomness(method: 'keyFor' | 'drawFor'): never {
  throw new StateError({
    where: 'inference',
    expected: 'no randomness',
    received: `a call of context.${method}()`,
    hint: 'Draw random numbers only where context.training is true.',
  });
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
