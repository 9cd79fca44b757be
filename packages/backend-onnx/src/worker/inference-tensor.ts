/** Arrays that a tensor of an ONNX model may have. */
export type InferenceArray = Float32Array | Float64Array | Int32Array | Int8Array | Uint8Array | BigInt64Array;

/** Element types of such tensors, in the names of ONNX Runtime. */
export type InferenceType = 'float32' | 'float64' | 'int32' | 'int8' | 'uint8' | 'int64' | 'bool';

/** A tensor on its way to a model or back. */
export interface InferenceTensor {
  readonly data: InferenceArray;
  readonly shape: readonly number[];
  /** By default that of the array; a `Uint8Array` is `bool`, as in TensorFlow.js. */
  readonly type?: InferenceType;
}

/** Tensors by name. */
export type InferenceTensors = Readonly<Record<string, InferenceTensor>>;

/** What the worker thread is started with. */
export interface ThreadSetup {
  /** Path or bytes of the model. */
  readonly model: string | Uint8Array;
  /** Threads that one operation may use; ONNX Runtime decides if it is left out. */
  readonly threads?: number;
}

/** What the worker thread says: at the start, and to every request. */
export type ThreadMessage =
  | { readonly kind: 'loaded'; readonly inputNames: readonly string[]; readonly outputNames: readonly string[] }
  | { readonly kind: 'not loaded'; readonly reason: string }
  | { readonly kind: 'done'; readonly outputs: InferenceTensors }
  | { readonly kind: 'failed'; readonly reason: string };

/** The memory of tensors, each piece once, to hand over to another thread. */
export function buffersOf(tensors: InferenceTensors): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer))];
}
