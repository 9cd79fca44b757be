import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { BufferPool } from '../buffer-pool';
import { dtypeOf, elementTypeOf, type HeldType, type HostArray, type NumericType, newArray } from '../data-type';
import { TensorUnavailableError } from '../errors';
import { FlushPolicy } from '../flush-policy';
import { computedAfter } from '../kernels/fused/computed-after';
import { ElementType } from '../onnx/element-type';
import { compileProgram, type Program } from '../program';
import { ProgramCache, type ProgramCacheCounts } from '../program-cache';
import type { OnnxRuntime } from '../session';
import { TensorData } from '../tensor-data';
import { Trace, type Value } from '../trace';
import type { Capture } from './capture';
import type { Observation } from './observation';

/** Options of a {@link Recorder}. */
export interface RecorderOptions {
  /** Compiled programs that are kept: by default 512, fewer on machines of more than two cores, but no less than 128. */
  readonly maxPrograms?: number;
  /**
   * Bytes that ONNX Runtime may hold for kept programs between runs. By default 512 MiB, and once what the largest of
   * them needs while it runs.
   */
  readonly maxProgramBytes?: number;
  /** Recorded nodes after which a trace is run even though nothing has been read (default 32,768). */
  readonly maxTraceNodes?: number;
}

/** What a {@link Recorder} has done so far. */
export interface RecorderStatistics extends ProgramCacheCounts {
  /** Programs run. */
  readonly runs: number;
  /** Seconds in which recorded programs were compiled. */
  readonly compileSeconds: number;
  /** Bytes of arrays that wait for a new use. */
  readonly pooledBytes: number;
}

/** Each program has threads of its own, one for each core but the first. */
const mostThreads = 1024;

function mostPrograms(): number {
  return Math.max(128, Math.min(512, Math.floor(mostThreads / availableParallelism())));
}

/** Data of a trace's inputs that is not simply fed to it. */
interface TracedData {
  /** Disposed since. */
  readonly retired: TensorData[];
  /** Read from files as far as the program needs it, by the position of the input. */
  readonly unread: ReadonlyMap<number, TensorData>;
}

/** Records graphs, and runs them: compiled, or found compiled, and from and into arrays that are used again. */
export class Recorder {
  /** Arrays of data that were disposed, for the next. */
  readonly pool = new BufferPool();
  readonly #programs: ProgramCache;
  readonly #policy: FlushPolicy;
  #open: Trace;
  /** Data that the open trace will compute. */
  #pending: TensorData[] = [];
  /** Disposed data whose arrays the open trace still reads. */
  #retired: TensorData[] = [];
  /** Data of the open trace's inputs, by their position, that is read from files before it is run. */
  #unread = new Map<number, TensorData>();
  /** Where it is noted what a function does while it is captured. */
  #capture: Capture | null = null;
  /** Where it is noted what a step reads and leaves behind while it is prepared for replay. */
  #observation: Observation | null = null;
  #runs = 0;
  #compileSeconds = 0;

  readonly #runtime: OnnxRuntime;

  constructor(runtime: OnnxRuntime, options: RecorderOptions) {
    this.#runtime = runtime;
    this.#open = this.#newTrace();
    const limits = { programs: options.maxPrograms ?? mostPrograms(), bytes: options.maxProgramBytes };
    this.#programs = new ProgramCache(limits, (message) => console.warn(message));
    this.#policy = new FlushPolicy(options.maxTraceNodes ?? 32_768);
  }

  /** The trace to record into; may be another one after every read. */
  get trace(): Trace {
    return this.#open;
  }

  get statistics(): RecorderStatistics {
    const runs = this.#runs;
    const compileSeconds = this.#compileSeconds;
    return { ...this.#programs.counts, runs, compileSeconds, pooledBytes: this.pool.freeBytes };
  }

  /** To be called before a kernel is recorded: runs the open trace if it has grown too long. */
  makeRoom(): void {
    if (this.#capture !== null || !this.#policy.isFull(this.#open)) return;
    this.#policy.onFull(this.#open);
    this.#run();
  }

  /** Notes which kernel is being recorded, or computed elsewhere. */
  enter(kernelName: string): void {
    this.#capture?.enter(kernelName, this.#open.nodes.length);
  }

  /**
   * Lets `record` record into a trace of its own, which is never run: tensors that it leaves behind have no values.
   *
   * @throws CaptureError if values that depend on the trace's inputs are read meanwhile
   */
  captureTrace(capture: Capture, record: (trace: Trace) => void): void {
    if (this.#capture !== null) capture.refuseNesting();
    this.#run();
    this.#open = new Trace(); // to be run elsewhere too
    this.#capture = capture;
    try {
      record(this.#open);
    } finally {
      this.#capture = null;
      for (const data of this.#pending) data.value = null;
      this.#pending = [];
      this.#retired = []; // pinned, all of them
      this.#unread = new Map();
      this.#open = this.#newTrace();
    }
  }

  /**
   * The value of data in the open trace, in this shape.
   *
   * @param after of what is held in integers: a value that is there before they are multiplied out, so that they are not for longer than needed
   */
  valueOfData(data: TensorData, shape: number[], after?: Value): Value {
    if (data.rounded !== null) return this.#open.reshape(this.#multipliedOut(data, data.rounded, after), shape);
    if (data.traceId !== this.#open.id) {
      const feed = this.#feedOf(data);
      const host = this.#observation?.isChanging(data) ? null : feed;
      // In the shape that it is met in, so that the program is the same whichever view of it was computed first.
      const met = this.#capture === null ? shape : data.shape;
      data.value = this.#open.input(feed, elementTypeOf(data.dtype as HeldType), met, host);
      data.traceId = this.#open.id;
      this.#capture?.hold(data.value, data);
      this.#observation?.hold(this.#open.inputs.length - 1, data);
    }
    return this.#open.reshape(data.value!, shape);
  }

  /** For each kernel that takes it anew: kept in between, all weights would take the memory of floats. */
  #multipliedOut(data: TensorData, { integers, scales }: NonNullable<TensorData['rounded']>, after?: Value): Value {
    const factors = this.valueOfData(scales, scales.shape);
    const inputs = [
      this.valueOfData(integers, integers.shape),
      after === undefined ? factors : computedAfter(this.#open, factors, [after]),
    ];
    this.#capture?.dependOn(data);
    return this.#open.add('DequantizeLinear', inputs, data.shape, ElementType.float32, { axis: 0 });
  }

  /** Values that are fed to the open trace; those in a file stay there until it is run. */
  #feedOf(data: TensorData): HostArray | null {
    if (data.isUnread) {
      this.#unread.set(this.#open.feeds.length, data);
      return null;
    }
    this.materialise(data);
    return data.values;
  }

  /** Data that the open trace will compute as this value. */
  dataOfValue(value: Value): TensorData {
    const dtype = dtypeOf(value.type);
    const data = new TensorData(dtype, value.shape);
    if (value.shape.includes(0)) data.values = newArray(dtype, 0);
    else {
      data.value = value;
      data.traceId = this.#open.id;
      this.#pending.push(data);
    }
    return data;
  }

  /**
   * Sees to it that data has its values.
   *
   * @throws TensorUnavailableError if the run that should have computed them failed
   */
  materialise(data: TensorData): void {
    if (data.rounded !== null) {
      this.#capture?.dependOn(data);
      return;
    }
    if (data.traceId === this.#open.id && data.values === null) {
      this.#capture?.refuseRead();
      this.flush();
    }
    this.#capture?.dependOn(data);
    if (data.values ?? data.strings ?? data.complex) return;
    throw new TensorUnavailableError(`A tensor of shape [${data.shape}] has no values.`, {
      expected: 'a tensor whose values were computed',
      received: 'one whose run failed, or that a captured function left behind',
      hint: 'Look at the first error of this backend, which was thrown by that run.',
    });
  }

  /** Takes the array of disposed data back, now or when the open trace has read it. */
  release(data: TensorData): void {
    data.disposed = true;
    if (data.isUnread || data.rounded !== null) return; // in arrays that are no use to others
    if (data.traceId === this.#open.id && data.values !== null) {
      this.#retired.push(data);
      this.#policy.retire(data.values.byteLength);
    } else this.#recycle(data);
  }

  /** The array of data, which it gives up; null if a captured graph or the open trace still refers to it. */
  takeValues(data: TensorData): HostArray | null {
    const isInUse = data.pinned || data.traceId === this.#open.id || data.stored !== null || data.rounded !== null;
    if (isInUse || data.values === null) return null;
    const { values } = data;
    data.values = null;
    return values;
  }

  /** Calls `step` and runs what it records, noting on the way what it reads and leaves behind. */
  observe(observation: Observation, step: () => void): void {
    this.flush();
    this.#run(); // what is recorded so far and unwanted must not become part of the step
    this.#observation = observation;
    try {
      step();
      this.flush();
    } finally {
      this.#observation = null;
    }
  }

  /** Notes that a kernel or a caller reads values of data. */
  noteRead(data: TensorData): void {
    this.#observation?.noteRead(data);
  }

  /** The compiled program of a trace that was run before, if it is still kept. */
  findProgram(hash: number, coding: Int32Array): Program | null {
    return this.#programs.find(hash, coding);
  }

  /**
   * Runs a program with other inputs than those of a trace.
   *
   * @param endsStep whether what is taken from the pool afterwards is for another step
   */
  runProgram(
    program: Program,
    feeds: readonly (HostArray | null)[],
    targets: readonly (HostArray | null)[],
    endsStep = true,
  ): HostArray[] {
    const results = program.run(feeds, targets);
    this.#runs++;
    if (endsStep) this.pool.tick();
    return results;
  }

  /** Runs everything that has been recorded and is still wanted. */
  flush(): void {
    if (this.#pending.length === 0) return;
    this.#capture?.refuseRead();
    this.#policy.onRead();
    this.#run();
  }

  /** Ends the program that is being recorded; whatever of it is wanted is computed now. */
  separate(): void {
    if (this.#capture !== null || this.#pending.length === 0) return;
    if (this.#observation) this.#observation.isInPieces = true;
    this.#policy.onRead();
    this.#run(false);
  }

  /** Drops everything recorded. */
  reset(): void {
    this.#pending = [];
    this.#retired = [];
    this.#unread = new Map();
    this.#open = this.#newTrace();
  }

  /** Drops everything recorded and compiled. */
  dispose(): void {
    this.reset();
    this.#programs.clear();
    this.pool.clear();
  }

  #newTrace(scratch?: Int32Array<ArrayBuffer>): Trace {
    return new Trace(this.#runtime.channelBlock, scratch);
  }

  #run(endsStep = true): void {
    const trace = this.#open;
    const pending = this.#pending;
    const retired = this.#retired;
    const unread = this.#unread;
    this.#pending = [];
    this.#retired = [];
    this.#unread = new Map();
    const live = pending.filter((data) => !data.disposed);
    try {
      if (live.length > 0) this.#execute(trace, live, { retired, unread }, endsStep);
    } finally {
      this.#open = this.#newTrace(trace.scratch);
      for (const data of pending) data.value = null;
      for (const data of retired) this.#recycle(data);
    }
  }

  #execute(trace: Trace, live: TensorData[], { retired, unread }: TracedData, endsStep: boolean): void {
    const outputs = live.map((data) => data.value!);
    trace.finish(outputs);
    const program = this.#programs.get(trace.hash, trace.coding, (mayKeep) => {
      const start = performance.now();
      const compiled = compileProgram(this.#runtime, trace, outputs, mayKeep);
      this.#compileSeconds += (performance.now() - start) / 1000;
      return compiled;
    });
    for (const position of program.inputPositions) trace.feeds[position] ??= unread.get(position)!.values;
    const targets = this.#runtime.writesInPlace
      ? this.#targetsOf(program, trace, live, retired)
      : live.map((): null => null);
    this.#observation?.beforeRun({ program, hash: trace.hash, feeds: trace.feeds, outputs: live });
    const results = this.runProgram(program, trace.feeds, targets, endsStep);
    live.forEach((data, i) => {
      data.values = results[i]!;
    });
  }

  /** Arrays to write the outputs into: those of disposed inputs that they replace, or others of the pool. */
  #targetsOf(program: Program, trace: Trace, live: TensorData[], retired: TensorData[]): HostArray[] {
    const replaceable = new Map(retired.filter(({ pinned }) => !pinned).map((data) => [data.value!, data]));
    return live.map(({ dtype, shape }, i) => {
      const replaced = replaceable.get(trace.inputs[program.overwrites[i]!]!);
      if (replaced === undefined) return this.pool.take(dtype as NumericType, tf.util.sizeFromShape(shape));
      const array = replaced.values!;
      replaced.values = null;
      return array;
    });
  }

  #recycle({ values, pinned }: TensorData): void {
    if (values !== null && !pinned) this.pool.give(values);
  }
}
