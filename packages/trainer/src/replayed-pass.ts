import { backendCapabilities, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** From tensors to tensors. What else its code goes by is what the word of a call stands for, or comes from `hostScalars` and `drawFor`. */
type Pass = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

/**
 * A part of a step that is taken again and again: where the backend can, it is recorded a few times for each shape of its inputs, and then
 * replayed without running its code.
 */
export class ReplayedPass {
  readonly #pass: Pass;
  #replay: ((inputs: tf.NamedTensorMap, variant?: string) => tf.NamedTensorMap) | undefined;

  /** @param mayReplay false to run the code each time */
  constructor(pass: Pass, mayReplay: boolean) {
    this.#pass = pass;
    this.#replay = mayReplay ? backendCapabilities().replay?.(pass) : undefined;
  }

  /** Whether steps may be taken without running its code. */
  get isReplayed(): boolean {
    return this.#replay !== undefined;
  }

  /**
   * @param variant a word for all that the code goes by besides its inputs: calls of another one are recorded anew
   * @throws StateError where the code has become another one, without another word
   */
  take(inputs: tf.NamedTensorMap, variant: string): tf.NamedTensorMap {
    if (!this.#replay) return tf.tidy(() => this.#pass(inputs));
    try {
      return this.#replay(inputs, variant);
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'ReplayError') throw cause;
      throw new StateError({
        where: 'a step of training',
        expected: 'the same operations in each step over batches of one shape',
        received: 'others, after steps that were taken without running the code of the model',
        hint: 'A part goes by what it keeps in JavaScript: let it go by parameters, buffers and its batch, or train with replay: false.',
        cause,
      });
    }
  }

  /** Runs the code from now on. Returns whether that is a change. */
  stop(): boolean {
    const wasReplayed = this.isReplayed;
    this.#replay = undefined;
    return wasReplayed;
  }
}
