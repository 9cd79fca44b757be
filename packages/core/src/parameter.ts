import * as tf from '@tensorflow/tfjs-core';
import { backendCapabilities } from './backend/capabilities';
import { BackendError, ShapeError, StateError } from './errors';
import { adoptTensor, viewValues } from './host-values';
import { countParameter } from './parameter-limit';
import type { RandomKey } from './random-key';
import { roundRows } from './round-rows';

/** Makes the initial values of a parameter on the host, from its shape and a key of its own. */
export type Initializer = (shape: readonly number[], key: RandomKey) => Float32Array;

/** How the values of a {@link Parameter} are held: `int8` in integers of 8 bits, with a scale for each index of the first axis. */
export type HeldPrecision = 'float32' | 'int8';

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
  #trainable = true;
  #precision: HeldPrecision = 'float32';
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

  /** A frozen parameter gets no gradient, no optimiser state and not a byte of change. @throws StateError for one that is held in int8 */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(trainable: boolean) {
    if (trainable && this.#precision === 'int8') throw this.#roundedLearning('one that is to learn');
    this.#trainable = trainable;
  }

  get precision(): HeldPrecision {
    return this.#precision;
  }

  /**
   * Has values held in integers of 8 bits, those that it has and those that it is given, a quarter of the memory; or again in float32. Whoever
   * computes with {@link value} gets what the integers stand for, as float32, for as long as it is needed.
   *
   * @throws StateError for a parameter that learns, whose steps are smaller than what is rounded away
   * @throws BackendError on a backend that has no such tensors
   */
  holdIn(precision: HeldPrecision): void {
    if (precision === this.#precision) return;
    if (precision === 'int8' && this.#trainable) throw this.#roundedLearning('one that learns');
    this.#precision = precision;
    if (this.#variable) this.adoptValues(this.#variable.dataSync<'float32'>());
  }

  #roundedLearning(received: string): StateError {
    return new StateError({
      where: `parameter of shape [${this.shape}]`,
      expected: 'a frozen parameter, as those are that are held in int8',
      received,
      hint: 'Let adapters learn beside it, or hold it in float32: holdIn("float32").',
    });
  }

  /** Bytes that its values take: with `int8` one each, and four for the scale of each index of the first axis. */
  get bytes(): number {
    return this.#precision === 'int8' ? this.size + 4 * (this.shape[0] ?? 1) : 4 * this.size;
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
    tf.tidy(() => {
      const held = (this.#precision === 'int8' ? rounded(value) : value) as tf.Tensor<R>;
      if (this.#variable) this.#variable.assign(held);
      else this.#variable = tf.variable(held.clone(), true);
    });
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

/** What its values are rounded to, row by row. */
function rounded(value: tf.Tensor): tf.Tensor {
  const { roundedTensor } = backendCapabilities();
  if (roundedTensor) return roundedTensor(roundRows(value.dataSync<'float32'>(), value.shape[0] ?? 1), value.shape);
  throw new BackendError({
    where: 'parameters in int8',
    expected: 'a backend that has tensors of integers of 8 bits, such as onnx',
    received: tf.getBackend(),
    hint: 'Install @polymodal/backend-onnx, or hold weights in float32.',
  });
}
