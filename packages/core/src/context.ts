import { StateError } from './errors';
import type { RandomKey } from './random-key';

/** What a forward pass is for. Modules read it; nothing else distinguishes training from inference. */
export interface Context {
  /** Whether dropout and the like are active. */
  readonly training: boolean;
  /** A fresh key at each call, in a fixed order: the same step draws the same numbers. */
  nextKey(): RandomKey;
  /** Asks long loops (generation) to stop. */
  readonly signal?: AbortSignal;
}

/**
 * The context of one training step. Its randomness follows from `key` alone.
 *
 * ```ts
 * const losses = model.losses(batch, trainingContext(RandomKey.from(0).fold(step)));
 * ```
 */
export function trainingContext(key: RandomKey, signal?: AbortSignal): Context {
  let count = 0;
  return { training: true, nextKey: () => key.fold(count++), ...(signal && { signal }) };
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
    nextKey() {
      throw new StateError({
        where: 'inference',
        expected: 'no randomness',
        received: 'a call of context.nextKey()',
        hint: 'Draw random numbers only where context.training is true.',
      });
    },
    ...(signal && { signal }),
  };
}
