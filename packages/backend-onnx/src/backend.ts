import { totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { BufferPool } from './buffer-pool';
import { dtypeOf, elementTypeOf, type HostArray, type NumericType, newArray } from './data-type';
import { TensorUnavailableError } from './errors';
import { FlushPolicy } from './flush-policy';
import type { NamedTensors, NamedValues, NativeKernel } from './kernels/native-kernel';
import { ElementType } from './onnx/element-type';
import { compileProgram } from './program';
import { ProgramCache, type ProgramCacheCounts } from './program-cache';
import { loadOnnxRuntime, type OnnxRuntime } from './session';
import { TensorData } from './tensor-data';
import { Trace, type Value } from './trace';

/** What the backend has done so far. */
export interface OnnxBackendStatistics extends ProgramCacheCounts {
  /** Programs run. */
  readonly runs: number;
  /** Kernels that went through the cpu backend, and how often. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** Bytes of arrays that wait for a new use. */
  readonly pooledBytes: number;
}

/** Options of {@link OnnxBackend}. */
export interface OnnxBackendOptions {
  /** Compiled programs that are kept (default 128). */
  readonly maxPrograms?: number;
  /** Bytes that ONNX Runtime may hold for kept programs between runs (default a quarter of the memory). */
  readonly maxProgramBytes?: number;
  /** Recorded nodes after which a trace is run even though nothing has been read (default 4,096). */
  readonly maxTraceNodes?: number;
  /** False to take the arrays that ONNX Runtime allocates for outputs: slower for large ones (default true). */
  readonly writeInPlace?: boolean;
}

/**
 * TensorFlow.js backend on ONNX Runtime. Kernels only record a graph; reading a tensor's values compiles what has been
 * recorded into one program (or finds it compiled from an earlier turn of the loop) and runs it.
 */
export class OnnxBackend extends tf.KernelBackend {
  private readonly runtime: OnnxRuntime;
  private data: tf.DataStorage<TensorData>;
  private readonly pool = new BufferPool();
  private readonly programs: ProgramCache;
  private readonly policy: FlushPolicy;
  private trace = new Trace();
  /** Data that the open trace will compute. */
  private pending: TensorData[] = [];
  /** Disposed data whose arrays the open trace still reads. */
  private retired: TensorData[] = [];
  private complexCount = 0;
  private runs = 0;
  private fallbacks: Record<string, number> = {};

  /** @throws OnnxRuntimeLoadError if ONNX Runtime cannot be loaded or does not pass its start-up test */
  constructor(options: OnnxBackendOptions = {}) {
    super();
    this.runtime = loadOnnxRuntime({ writeInPlace: options.writeInPlace });
    this.data = new tf.DataStorage(this, tf.engine());
    const limits = { programs: options.maxPrograms ?? 128, bytes: options.maxProgramBytes ?? totalmem() / 4 };
    this.programs = new ProgramCache(limits, (message) => console.warn(message));
    this.policy = new FlushPolicy(options.maxTraceNodes ?? 4096);
  }

  /** Counts of programs, runs and fallbacks since the backend was made. */
  statistics(): OnnxBackendStatistics {
    const { runs, fallbacks, pool } = this;
    return { ...this.programs.counts, runs, fallbacks: { ...fallbacks }, pooledBytes: pool.freeBytes };
  }

  /** Records a kernel; null if it cannot run natively with these inputs. */
  record(
    kernel: NativeKernel,
    inputs: NamedTensors,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] | null {
    for (const name in inputs) {
      const tensor = inputs[name];
      if (tensor != null && !(kernel.accepts.includes(tensor.dtype) && hasElements(tensor.shape))) return null;
    }
    if (this.policy.isFull(this.trace)) {
      this.policy.onFull(this.trace);
      this.run();
    }
    const values: NamedValues = {};
    for (const name in inputs) {
      const tensor = inputs[name];
      if (tensor != null) values[name] = this.operandOf(tensor);
    }
    const result = kernel.record(this.trace, values, attributes ?? {});
    if (result === null) return null;
    if (Array.isArray(result)) return result.map((value) => this.publish(value));
    for (const name in values) if (values[name] === result) return this.view(inputs[name]!, result.shape);
    return this.publish(result);
  }

  /** A tensor of another shape over the same data. */
  view(tensor: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(tensor.dataId);
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  /** Notes that a kernel went through the cpu backend. */
  countFallback(kernelName: string): void {
    this.fallbacks[kernelName] = (this.fallbacks[kernelName] ?? 0) + 1;
  }

  /** The data of a tensor, computed if it was pending. Not a copy: leave it as it is. */
  materialise(dataId: tf.DataId): TensorData {
    const data = this.data.get(dataId);
    if (data.traceId === this.trace.id && data.values === null) this.flush();
    if (data.values ?? data.strings ?? data.complex) return data;
    throw new TensorUnavailableError(`A tensor of shape [${data.shape}] has no values.`, {
      expected: 'a tensor whose values were computed',
      received: 'one whose run failed',
      hint: 'Look at the first error of this backend, which was thrown by that run.',
    });
  }

  /** Takes over finished data that nothing else refers to, and gives it a `dataId`. */
  adopt(data: TensorData): tf.DataId {
    const dataId = {};
    this.data.set(dataId, data);
    if (data.complex !== null) this.complexCount++;
    return dataId;
  }

  /** Runs everything that has been recorded and is still wanted. */
  flush(): void {
    if (this.pending.length === 0) return;
    this.policy.onRead();
    this.run();
  }

  private run(): void {
    const { trace, pending, retired } = this;
    this.pending = [];
    this.retired = [];
    const live = pending.filter((data) => !data.disposed);
    try {
      if (live.length > 0) this.execute(trace, live);
    } finally {
      this.trace = new Trace(trace.scratch);
      for (const data of pending) data.value = null;
      for (const data of retired) this.recycle(data);
    }
  }

  private execute(trace: Trace, live: TensorData[]): void {
    const outputs = live.map((data) => data.value!);
    trace.finish(outputs);
    const program = this.programs.get(trace.hash, trace.coding, () => compileProgram(this.runtime, trace, outputs));
    const targets = live.map(({ dtype, shape }) =>
      this.runtime.writesInPlace ? this.pool.take(dtype as NumericType, tf.util.sizeFromShape(shape)) : null,
    );
    const results = program.run(trace.inputs, targets);
    live.forEach((data, i) => {
      data.values = results[i]!;
    });
    this.runs++;
    this.pool.tick();
  }

  /** The value of a tensor in the open trace. */
  private operandOf(tensor: tf.TensorInfo): Value {
    const data = this.data.get(tensor.dataId);
    if (data.traceId !== this.trace.id) {
      const { values, dtype, shape } = this.materialise(tensor.dataId);
      data.value = this.trace.input(values!, elementTypeOf(dtype as NumericType), shape);
      data.traceId = this.trace.id;
    }
    const value = data.value!;
    if (sameShape(value.shape, tensor.shape)) return value;
    const shape = { values: tensor.shape, type: ElementType.int64, shape: [tensor.shape.length] };
    const reshaped = this.trace.add('Reshape', [value, shape], tensor.shape, value.type);
    reshaped.host = value.host;
    return reshaped;
  }

  private publish(value: Value): tf.TensorInfo {
    const dtype = dtypeOf(value.type);
    const data = new TensorData(dtype, value.shape);
    if (hasElements(value.shape)) {
      data.value = value;
      data.traceId = this.trace.id;
      this.pending.push(data);
    } else data.values = newArray(dtype, 0);
    return { dataId: this.adopt(data), shape: value.shape, dtype };
  }

  private recycle({ dtype, values }: TensorData): void {
    if (values !== null) this.pool.give(dtype as NumericType, values);
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
    if (dtype === 'string') data.strings = [...((values ?? []) as Uint8Array[])];
    else if (dtype === 'complex64') {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      data.complex = { real, imaginary: imag };
      this.complexCount++;
    } else data.values = this.copyOf(values as ArrayLike<number> | null, shape, dtype);
    this.data.set(dataId, data);
  }

  private copyOf(values: ArrayLike<number> | null, shape: number[], dtype: NumericType): HostArray {
    if (values === null) return newArray(dtype, tf.util.sizeFromShape(shape));
    const copy = this.pool.take(dtype, values.length);
    copy.set(values);
    return copy;
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const { values, strings, complex } = this.materialise(dataId);
    if (values !== null) return values.slice();
    if (complex !== null) return tf.backend_util.mergeRealAndImagArrays(complex.real, complex.imaginary);
    return [...strings!];
  }

  override async read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: tf.DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: tf.DataId): void {
    this.data.get(dataId).refCount++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    this.data.delete(dataId);
    data.disposed = true;
    if (data.complex !== null) this.complexCount--;
    if (data.traceId === this.trace.id && data.values !== null) {
      this.retired.push(data);
      this.policy.retire(data.values.byteLength);
    } else this.recycle(data);
    return true;
  }

  /** As TensorFlow.js counts: a complex tensor is three, itself and its two parts. */
  override numDataIds(): number {
    return this.data.numDataIds() + 2 * this.complexCount;
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
    this.data = new tf.DataStorage(this, tf.engine());
    this.complexCount = 0;
    this.pending = [];
    this.retired = [];
    this.trace = new Trace();
    this.programs.clear();
    this.pool.clear();
  }
}

function hasElements(shape: readonly number[]): boolean {
  return !shape.includes(0);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
