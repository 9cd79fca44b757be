import * as tf from '@tensorflow/tfjs-core';
import { ShapeError, StateError } from './errors';
import { adoptTensor, viewValues } from './host-values';
import { countParameter } from './parameter-limit';
import type { RandomKey } from './random-key';

/** Makes the initial values of a parameter on the host, from its shape and a key of its own. */
export type Initializer = (shape: readonly number[], key: RandomKey) => Float32Array;

/**
 * A trainable tensor of a {@link Module}.
 *
 * It is declared with its shape and initialiser, and gets its value later, from {@link initialize} or from a
 * checkpoint; so a checkpoint is never loaded over values that were computed in vain. Its name is its path in the
 * module tree.
 *
 * ```ts
 * const scale = new Parameter([3], (shape) => new Float32Array(shape[0] ?? 1).fill(1)); // as a property of a module
 * scale.assignValues(Float32Array.of(1, 2, 3)); // or `initialize`, or a checkpoint
 * tf.mul(tf.ones([2, 3]), scale.value).print();
 * ```
 */
export class Parameter<R extends tf.Rank = tf.Rank> {
  /** A frozen parameter gets no gradient, no optimiser state and not a byte of change. */
  trainable = true;
  #variable: tf.Variable<R> | undefined;
  #isDisposed = false;

  constructor(
    readonly shape: readonly number[],
    readonly initializer: Initializer,
  ) {
    countParameter(shape);
  }

  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }

  get isInitialized(): boolean {
    return this.#variable !== undefined;
  }

  /** The tensor, to compute with. @throws StateError before it has a value. */
  get value(): tf.Variable<R> {
    if (!this.#variable) throw this.#withoutValue();
    return this.#variable;
  }

  #withoutValue(): StateError {
    if (this.#isDisposed) {
      return new StateError({
        where: 'dispose',
        expected: 'a model, or module, that is still in use',
        received: 'one that was disposed',
        hint: `Make or load it anew, and dispose of it after its last use. (Met at a parameter of shape [${this.shape}].)`,
      });
    }
    return new StateError({
      where: `parameter of shape [${this.shape}]`,
      expected: 'a value',
      received: 'a parameter that has none yet',
      hint: 'Call initialize(module, key) or load a checkpoint first.',
    });
  }

  /** Gives the parameter a value. The tensor stays the caller's. @throws ShapeError if it does not fit. */
  assign(value: tf.Tensor): void {
    if (!tf.util.arraysEqual(value.shape, [...this.shape])) {
      throw new ShapeError({ where: 'parameter', expected: `shape [${this.shape}]`, received: `[${value.shape}]` });
    }
    this.#isDisposed = false;
    if (this.#variable) this.#variable.assign(value as tf.Tensor<R>);
    else this.#variable = tf.tidy(() => tf.variable(value.clone() as tf.Tensor<R>, true));
  }

  /** Gives the parameter a value from host memory, which is copied. @throws ShapeError if it does not fit */
  assignValues(values: Float32Array): void {
    this.adoptValues(values.slice());
  }

  /** As {@link assignValues}, for an array that is used by nothing else: it is not copied. */
  adoptValues(values: Float32Array): void {
    if (values.length !== this.size) {
      throw new ShapeError({
        where: 'parameter',
        expected: `${this.size} values for shape [${this.shape}]`,
        received: `${values.length}`,
      });
    }
    tf.tidy(() => this.assign(adoptTensor(values, this.shape)));
  }

  /**
   * The present values, as {@link viewValues} gives them: to be read before the parameter changes.
   *
   * @throws StateError before it has a value
   */
  async viewValues(): Promise<Float32Array> {
    return viewValues(this.value);
  }

  /** Frees the tensor. */
  dispose(): void {
    this.#variable?.dispose();
    this.#variable = undefined;
    this.#isDisposed = true;
  }
}
