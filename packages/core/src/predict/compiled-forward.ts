import * as tf from '@tensorflow/tfjs-core';
import { canCompile, compiled, isNotCompilable } from '../backend/compiled';
import type { Compiled, CompiledOptions } from '../backend/compiled-function';

/** A function of named tensors, pure. */
export type Forward = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

/**
 * A forward pass that runs compiled, as far as the backend and the function allow: with every length and any number of rows in
 * one program; where lengths do not make one graph, in a program for each length; else as it is. What failed once is not
 * tried again. A program for all lengths is traced at some that the function may refuse, as one that splices refuses more values than its
 * positions hold: that is no fault of the inputs.
 */
export class CompiledForward {
  readonly #backend = tf.getBackend();
  readonly #attempts: CompiledOptions[];
  #program: Compiled<tf.NamedTensorMap, tf.NamedTensorMap> | undefined;

  readonly #fn: Forward;
  readonly #otherwise: Forward;

  /** @param otherwise what runs where nothing can be compiled: the function as it is */
  constructor(fn: Forward, attempts: readonly CompiledOptions[], otherwise = fn) {
    this.#fn = fn;
    this.#otherwise = otherwise;
    this.#attempts = canCompile() ? [...attempts] : [];
  }

  /** Whether it was made for the backend that is now current. */
  get isCurrent(): boolean {
    return this.#backend === tf.getBackend();
  }

  run(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
    while (this.#attempts.length > 0) {
      this.#program ??= compiled(this.#fn, this.#attempts[0]);
      try {
        return this.#program(inputs);
      } catch (error) {
        if (!isNotCompilable(error)) tf.dispose(tf.tidy(() => this.#fn(inputs))); // throws where the inputs are at fault
        this.dispose();
        this.#attempts.shift();
      }
    }
    return tf.tidy(() => this.#otherwise(inputs));
  }

  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
  }
}
