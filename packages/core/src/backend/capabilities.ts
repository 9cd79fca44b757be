import * as tf from '@tensorflow/tfjs-core';
import type { RoundedRows } from '../round-rows';
import type { Compiled, CompiledOptions } from './compiled-function';

/**
 * What a backend can do beyond the contract that TensorFlow.js has for one. A backend puts what it can under
 * `Symbol.for('polymodal.capabilities')`; nothing else is shared between it and this package, so that neither needs the other.
 * `@polymodal/backend-onnx` has all of them.
 */
export interface BackendCapabilities {
  /** Compiles a function for inference, once for each combination of shapes; see {@link Compiled}. */
  compile<I extends tf.NamedTensorMap, O extends tf.NamedTensorMap>(
    fn: (inputs: I) => O,
    options?: CompiledOptions,
  ): Compiled<I, O>;
  /**
   * A step of training that, once it is steady, is taken without running its code.
   *
   * @returns the step, which takes besides its inputs a word for what else its code goes by: calls of another word are another step
   *          over the same state
   */
  replay<I extends tf.NamedTensorMap, O extends tf.Tensor | tf.NamedTensorMap | undefined>(
    step: (inputs: I) => O,
  ): (inputs: I, variant?: string) => O;
  /**
   * Ends the program that is being recorded, so that what follows is another one, which may be known already. Within a step that is to be
   * replayed it makes one that is recorded each time.
   */
  separate(): void;
  /** A scalar for each number that `compute` gives, which is called again in each replayed step. */
  hostScalars(compute: () => readonly number[]): tf.Scalar[];
  /** A tensor of the values that `compute` gives, which is called again in each replayed step. */
  changingTensor(compute: () => Float32Array | Int32Array, shape: readonly number[]): tf.Tensor;
  /** A float32 tensor over values that it takes over. */
  hostTensor(values: Float32Array, shape: readonly number[]): tf.Tensor;
  /** The values of a float32 tensor as they are held, only to be read, and at once; null where it holds none. */
  viewValues(tensor: tf.Tensor): Float32Array | null;
  /** A float32 tensor whose values stay in a file until they are needed. */
  storedTensor(stored: StoredValues, shape: readonly number[]): tf.Tensor;
  /**
   * A float32 tensor whose values are held in integers of 8 bits, which it takes over, with a scale for each index of its first axis. They
   * are multiplied out where the tensor is computed with, for as long as that takes, also within a program.
   */
  roundedTensor(rounded: RoundedRows, shape: readonly number[]): tf.Tensor;
}

/** Where in a file the values of a tensor lie, and how. */
export interface StoredValues {
  readonly path: string;
  /** Where the values, or the matrix, begin in the file, in bytes. */
  readonly offset: number;
  /** The file as it was when the place was found: another one in its place is not read. */
  readonly version: { readonly inode: number; readonly size: number; readonly modifiedMs: number };
  /** Columns of a matrix, of which the tensor (columns, rows) is the transpose; by default the values follow one another. */
  readonly columns?: {
    readonly matrix: readonly [rows: number, columns: number];
    readonly start: number;
    readonly count: number;
  };
  /** By its name in the safetensors format, little-endian. */
  readonly dtype: 'F32' | 'F16' | 'BF16';
  /** Writes stored values as float32 to an array, from `start` on. */
  readonly widen: (stored: Uint8Array<ArrayBuffer>, values: Float32Array<ArrayBuffer>, start: number) => void;
}

const key = Symbol.for('polymodal.capabilities');

/** Those of the current backend: none, for those of TensorFlow.js. */
export function backendCapabilities(): Partial<BackendCapabilities> {
  return (tf.backend() as { readonly [key]?: Partial<BackendCapabilities> })[key] ?? {};
}
