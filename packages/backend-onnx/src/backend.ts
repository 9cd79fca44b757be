import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, type NumericType, newArray, type TensorArray } from './data-type';
import type { NamedTensors, NamedValues, NativeKernel } from './kernels/native-kernel';
import { ElementType } from './onnx/element-type';
import type { GraphDefinition } from './onnx/model-writer';
import type { Program } from './program';
import type { Capture } from './recording/capture';
import type { Observation } from './recording/observation';
import { Recorder, type RecorderOptions, type RecorderStatistics } from './recording/recorder';
import { loadOnnxRuntime, type OnnxRuntime, type Session, type SessionOptions } from './session';
import { TensorData } from './tensor-data';
import { threadCount } from './thread-count';
import type { Trace, Value } from './trace';

/** What the backend has done so far. */
export interface OnnxBackendStatistics extends RecorderStatistics {
  /** Kernels that went through the cpu backend, and how often. */
  readonly fallbacks: Readonly<Record<string, number>>;
}

/** Options of {@link OnnxBackend}. */
export interface OnnxBackendOptions extends RecorderOptions {
  /** False to take the arrays that ONNX Runtime allocates for outputs: slower for large ones (default true). */
  readonly writeInPlace?: boolean;
  /** Threads that a program may compute with: by default what `OMP_NUM_THREADS` says, or as many as the machine has cores. */
  readonly threads?: number;
}

/**
 * TensorFlow.js backend on ONNX Runtime. Kernels only record a graph; reading a tensor's values compiles what has been
 * recorded into one program (or finds it compiled from an earlier turn of the loop) and runs it.
 */
export class OnnxBackend extends tf.KernelBackend {
  /** What it runs on, e.g. `ONNX Runtime 1.30.0, cpu`. */
  readonly description: string;
  readonly #runtime: OnnxRuntime;
  readonly #recorder: Recorder;
  #data: tf.DataStorage<TensorData>;
  #complexCount = 0;
  readonly #fallbacks: Record<string, number> = {};

  /** @throws OnnxRuntimeLoadError if ONNX Runtime cannot be loaded, does not pass its start-up test, or is to take a number of threads that is none */
  constructor(options: OnnxBackendOptions = {}) {
    super();
    this.#runtime = loadOnnxRuntime({ writeInPlace: options.writeInPlace, threads: threadCount(options.threads) });
    this.description = `ONNX Runtime ${this.#runtime.version}, cpu`;
    this.#recorder = new Recorder(this.#runtime, options);
    this.#data = new tf.DataStorage(this, tf.engine());
  }

  /** Counts of programs, runs and fallbacks since the backend was made. */
  statistics(): OnnxBackendStatistics {
    return { ...this.#recorder.statistics, fallbacks: { ...this.#fallbacks } };
  }

  /** Records a kernel; null if it cannot run natively with these inputs. @internal */
  record(
    kernel: NativeKernel,
    inputs: NamedTensors,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | null {
    for (const name in inputs) {
      const tensor = inputs[name];
      if (tensor != null && (!kernel.accepts.includes(tensor.dtype) || tensor.shape.includes(0))) return null;
    }
    this.#recorder.makeRoom();
    this.#recorder.enter(kernel.name);
    const values = this.#valuesOf(inputs);
    const result = kernel.record(this.#recorder.trace, values, attributes ?? {});
    if (result === null) return null;
    if (Array.isArray(result)) return result.map((value) => this.#publish(value));
    for (const name in values) if (values[name] === result) return this.view(inputs[name]!, result.shape);
    return this.#publish(result);
  }

  /** What is held in integers last, and after what else the kernel takes: that is mostly computed, and the last of all but this. */
  #valuesOf(inputs: NamedTensors): NamedValues {
    const values: NamedValues = {};
    const rounded: string[] = [];
    for (const name in inputs) {
      const tensor = inputs[name];
      if (tensor == null) continue;
      const data = this.#data.get(tensor.dataId);
      if (data.rounded !== null) rounded.push(name);
      else values[name] = this.#recorder.valueOfData(data, tensor.shape);
    }
    if (rounded.length === 0) return values;
    const others = Object.values(values).filter(({ type }) => type === ElementType.float32);
    const last = others.reduce<Value | undefined>((a, b) => (a === undefined || b.index > a.index ? b : a), undefined);
    for (const name of rounded) {
      const { dataId, shape } = inputs[name]!;
      values[name] = this.#recorder.valueOfData(this.#data.get(dataId), shape, last);
    }
    return values;
  }

  /** A tensor of another shape over the same data. @internal */
  view(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  /** Notes that a kernel went through the cpu backend. @internal */
  countFallback(kernelName: string): void {
    this.#fallbacks[kernelName] = (this.#fallbacks[kernelName] ?? 0) + 1;
    this.#recorder.enter(kernelName);
  }

  /** The data of a tensor, computed if it was pending. Not a copy: leave it as it is. @internal */
  materialise(dataId: tf.DataId): TensorData {
    const data = this.#data.get(dataId);
    this.#recorder.noteRead(data);
    this.#recorder.materialise(data);
    return data;
  }

  /** Lets `record` record into a trace of its own, which is never run. @internal */
  captureTrace(capture: Capture, record: (trace: Trace) => void): void {
    this.#recorder.captureTrace(capture, record);
  }

  /** The value of a tensor in the open trace. @internal */
  valueInTrace(tensor: tf.TensorInfo): Value {
    return this.#recorder.valueOfData(this.#data.get(tensor.dataId), tensor.shape);
  }

  /** What is kept for a tensor, computed or not. @internal */
  tensorData(tensor: tf.TensorInfo): TensorData {
    return this.#data.get(tensor.dataId);
  }

  /** Compiles a graph into a program of its own, which the caller disposes. @internal */
  createSession(graph: GraphDefinition, options: SessionOptions): Session {
    return this.#runtime.createSession(graph, options);
  }

  /** An array for an output of a program of its own; null if ONNX Runtime has to allocate it. @internal */
  outputArray(dtype: NumericType, size: number): HostArray | null {
    return this.#runtime.writesInPlace ? this.#recorder.pool.take(dtype, size) : null;
  }

  /** The array of a tensor, which is without values then; null if something else refers to it. @internal */
  takeValues(dataId: tf.DataId): HostArray | null {
    return this.refCount(dataId) === 1 ? this.#recorder.takeValues(this.#data.get(dataId)) : null;
  }

  /** Takes over finished data that nothing else refers to, and gives it a `dataId`. @internal */
  adopt(data: TensorData): tf.DataId {
    const dataId = {};
    this.#store(dataId, data);
    return dataId;
  }

  /** A tensor of one axis with these values, which it takes over. @internal */
  holdValues({ dtype, values }: { dtype: NumericType; values: HostArray }): tf.TensorInfo {
    const shape = [values.length];
    const data = new TensorData(dtype, shape);
    data.values = values;
    return { dataId: this.adopt(data), shape, dtype };
  }

  /** A tensor of this shape for each array that `compute` gives, which is called again wherever the step is replayed. @internal */
  holdChanging(compute: () => readonly (Float32Array | Int32Array)[], shape: readonly number[]): tf.TensorInfo[] {
    return compute().map((values, index) => {
      const dtype = values instanceof Int32Array ? 'int32' : 'float32';
      const data = new TensorData(dtype, [...shape]);
      data.values = values;
      data.origin = { compute, index };
      return { dataId: this.adopt(data), shape: [...shape], dtype };
    });
  }

  /** Calls `step` and runs what it records, noting on the way what it reads and leaves behind. @internal */
  observe(observation: Observation, step: () => void): void {
    this.#recorder.observe(observation, step);
  }

  /** The compiled program of a trace that was run before, if it is still kept. @internal */
  findProgram(hash: number, coding: Int32Array): Program | null {
    return this.#recorder.findProgram(hash, coding);
  }

  /** Runs a program with other inputs than those of a trace. @internal */
  runProgram(
    program: Program,
    feeds: readonly (HostArray | null)[],
    targets: readonly (HostArray | null)[],
  ): HostArray[] {
    return this.#recorder.runProgram(program, feeds, targets);
  }

  /** Whether programs write into arrays of ours. @internal */
  get writesInPlace(): boolean {
    return this.#runtime.writesInPlace;
  }

  /** Takes back an array which nothing refers to any more. @internal */
  recycle(array: HostArray): void {
    this.#recorder.pool.give(array);
  }

  /** Runs everything that has been recorded and is still wanted. */
  flush(): void {
    this.#recorder.flush();
  }

  /** Ends the program that is being recorded. @internal */
  separate(): void {
    this.#recorder.separate();
  }

  #publish(value: Value): tf.TensorInfo {
    const data = this.#recorder.dataOfValue(value);
    return { dataId: this.adopt(data), shape: data.shape, dtype: data.dtype as NumericType };
  }

  #store(dataId: tf.DataId, data: TensorData): void {
    this.#data.set(dataId, data);
    if (data.complex !== null) this.#complexCount++;
  }

  // The contract of tf.KernelBackend

  /** Copies the values: the caller may change its array afterwards. */
  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const data = new TensorData(dtype, shape);
    data.refCount = refCount;
    if (dtype === 'string')
      data.strings = ((values ?? []) as Uint8Array[]).slice(); // keeps holes, as of a buffer that was not filled
    else if (dtype === 'complex64') {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      data.complex = { real, imaginary: imag };
    } else data.values = this.#copyOf(values as ArrayLike<number> | null, shape, dtype);
    this.#store(dataId, data);
  }

  #copyOf(values: ArrayLike<number> | null, shape: number[], dtype: NumericType): HostArray {
    if (values === null) return newArray(dtype, tf.util.sizeFromShape(shape));
    const copy = this.#recorder.pool.take(dtype, values.length);
    copy.set(values);
    return copy;
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const { values, strings, complex } = this.materialise(dataId);
    if (values !== null) return values.slice() as TensorArray;
    if (complex !== null) return tf.backend_util.mergeRealAndImagArrays(complex.real, complex.imaginary);
    return strings!.slice();
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: tf.DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.#data.get(dataId).refCount++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const data = this.#data.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    this.#data.delete(dataId);
    if (data.complex !== null) this.#complexCount--;
    this.#recorder.release(data);
    return true;
  }

  /** As TensorFlow.js counts: a complex tensor is three, itself and its two parts. */
  override numDataIds(): number {
    return this.#data.numDataIds() + 2 * this.#complexCount;
  }

  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    this.flush();
    const start = performance.now();
    run();
    this.flush();
    return { kernelMs: performance.now() - start };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return {
      unreliable: true,
      reasons: ['Values inside a compiled program, and arrays kept for the next tensors, are not counted.'],
    };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  /** Drops all data, and everything recorded and compiled. The backend may be used again afterwards. */
  override dispose(): void {
    this.reset();
    this.#recorder.dispose();
  }

  /** Drops all data and everything recorded, but keeps the compiled programs. @internal */
  reset(): void {
    this.#data = new tf.DataStorage(this, tf.engine());
    this.#complexCount = 0;
    this.#recorder.reset();
  }
}
