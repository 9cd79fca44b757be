import type * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';

/** Input tensors of a kernel by name; a list is an array of them. Optional ones may be missing. */
export type NamedTensors = Record<string, tf.TensorInfo | null | undefined>;

/** The same inputs as values of the open trace. */
export type NamedValues = Record<string, Value>;

/** A TensorFlow.js kernel as nodes of an ONNX graph. */
export interface NativeKernel {
  readonly name: string;
  /** Data types that every input must be of. */
  readonly accepts: readonly tf.DataType[];
  /**
   * Records the kernel's nodes. Inputs are of accepted types and not empty. Returns the outputs (an input as it is
   * makes a view), or null if this case does not run natively: then the cpu backend takes over.
   */
  record(trace: Trace, inputs: NamedValues, attributes: object): Value | Value[] | null;
}

/** Defines a kernel; `A` is the type of its attributes, `I` the names of its inputs. */
export function nativeKernel<A = object, I extends string = string>(
  name: string,
  accepts: readonly tf.DataType[],
  record: (trace: Trace, inputs: Record<I, Value>, attributes: A) => Value | Value[] | null,
): NativeKernel {
  return {
    name,
    accepts,
    record: (trace, inputs, attributes) => record(trace, inputs as Record<I, Value>, attributes as A),
  };
}

/** Floats only. */
export const floats: readonly tf.DataType[] = ['float32'];
/** Floats and integers. */
export const numbers: readonly tf.DataType[] = ['float32', 'int32'];
/** Booleans only. */
export const booleans: readonly tf.DataType[] = ['bool'];
/** All that live in typed arrays. */
export const dense: readonly tf.DataType[] = ['float32', 'int32', 'bool'];
