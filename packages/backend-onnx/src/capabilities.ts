import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from './backend';
import { compile } from './compile/compile';
import type { HeldType, HostArray } from './data-type';
import { replay } from './replay/replay';
import type { StoredValues } from './stored-values';
import { TensorData } from './tensor-data';

/** Where libraries look for what a backend can do beyond TensorFlow.js's own contract (`BackendCapabilities` of `@polymodal/core`). */
const key = Symbol.for('polymodal.capabilities');

/** What this backend can do beyond TensorFlow.js's own contract, for libraries that do not depend on this package. */
export interface OnnxCapabilities {
  readonly compile: typeof compile;
  readonly replay: typeof replay;
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
  roundedTensor(
    rounded: { readonly values: Int8Array; readonly scales: Float32Array },
    shape: readonly number[],
  ): tf.Tensor;
}

/** What {@link offerCapabilities} has put there. */
export function capabilitiesOf(backend: OnnxBackend): OnnxCapabilities {
  return (backend as unknown as { readonly [key]: OnnxCapabilities })[key];
}

/** Puts a backend's capabilities where they are looked for. */
export function offerCapabilities(backend: OnnxBackend): void {
  const track = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info, backend);
  const hold = (data: TensorData) => track({ dataId: backend.adopt(data), shape: [...data.shape], dtype: 'float32' });
  const capabilities: OnnxCapabilities = {
    compile,
    replay,
    separate: () => backend.separate(),
    hostScalars: (compute) => {
      const scalars = () => compute().map((value) => Float32Array.of(value));
      return backend.holdChanging(scalars, []).map((info) => track(info) as tf.Scalar);
    },
    changingTensor: (compute, shape) => track(backend.holdChanging(() => [compute()], shape)[0]!),
    hostTensor: (values, shape) => hold(dataOf('float32', shape, values)),
    viewValues: ({ dataId }) => backend.materialise(dataId).values as Float32Array | null,
    roundedTensor({ values, scales }, shape) {
      const data = new TensorData('float32', [...shape]);
      data.rounded = { integers: dataOf('int8', shape, values), scales: dataOf('float32', [scales.length], scales) };
      for (const part of Object.values(data.rounded)) part.whole = data;
      return hold(data);
    },
    storedTensor: (stored, shape) => hold(new TensorData('float32', [...shape], stored)),
  };
  Object.defineProperty(backend, key, { value: capabilities, configurable: true });
}

function dataOf(dtype: HeldType, shape: readonly number[], values: HostArray): TensorData {
  const data = new TensorData(dtype, [...shape]);
  data.values = values;
  return data;
}
