import type * as tf from '@tensorflow/tfjs-core';
import { causalBias } from './causal-bias';
import type { Rotation } from './functional/rotate-heads';
import type { Past } from './key-value-cache';

/**
 * What the layers of a Transformer know of a sequence, the state of its tokens: made once, in `embed` or `adopt`, and carried from
 * layer to layer.
 */
export interface AttentionState {
  /**
   * What is added to attention's logits in layers that see so many tokens back, a token itself among them: (1, 1, N, N), or (B, 1,
   * N, C) with a past. Layers without one see the whole sequence.
   */
  readonly biases: ReadonlyMap<number, tf.Tensor4D>;
  /** By which queries and keys turn, where positions are rotary. */
  readonly rotation?: Rotation;
  /** In decoding: what the tokens attend to in place of one another. Each layer puts their keys and values there. */
  readonly past?: Past;
}

/** A layer that sees all tokens of a sequence, or in a causal one all those before. */
export const EVERYTHING = Number.POSITIVE_INFINITY;

/** The state of a sequence whose tokens see all others. */
export const wholeSequence: AttentionState = { biases: new Map() };

/**
 * The state of N tokens that see themselves and those before them.
 *
 * @param windows how many tokens back each layer sees, itself among them
 */
export function causalState(length: number, windows: readonly number[], past: Past | undefined): AttentionState {
  if (past) return { biases: past.biases, past };
  return { biases: new Map([...new Set(windows)].map((window) => [window, causalBias(length, window)])) };
}
