import { createRequire } from 'node:module';
import { findChannelBlock } from './channel-block';
import type { HeldType, HostArray } from './data-type';
import { OnnxRuntimeExecutionError, OnnxRuntimeLoadError } from './errors';
import { ElementType } from './onnx/element-type';
import { type GraphDefinition, writeModel } from './onnx/model-writer';

/** A tensor as the native binding takes it; `data` is used in place, without a copy. */
export interface NativeTensor {
  readonly type: HeldType;
  readonly dims: readonly number[];
  data: HostArray | null;
  readonly location: 'cpu';
}

/** The part of onnxruntime-node's native session that the backend uses; `run` is synchronous. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  run(
    feeds: Record<string, NativeTensor>,
    fetches: Record<string, NativeTensor | null>,
    options: object,
  ): Record<string, { data: HostArray }>;
  dispose(): void;
}

type NativeSessionConstructor = new () => NativeSession;

/** How a compiled graph runs. */
export interface SessionOptions {
  /** One thread is faster for small graphs, and needs no pool of threads. */
  readonly singleThread: boolean;
  /**
   * Whether the memory of intermediate values is kept from run to run, in an arena of the graph's own (default true). False
   * gives it back to the C library after each use: a few per cent slower, for values above 32 MB a third.
   */
  readonly keepsMemory?: boolean;
  /**
   * Whether the places of intermediate values are planned for each combination of shapes (default false): a small graph of many nodes runs
   * about a tenth faster, and intermediate values take memory twice.
   */
  readonly plansMemory?: boolean;
  /** The folder that the files of constants which are kept outside of the graph are named from. */
  readonly externalFolder?: string;
  /** Whether other graphs run between its runs: its threads stop at the end of each then, and do not spin in wait for the next. */
  readonly takesTurns?: boolean;
  /**
   * Whether ONNX Runtime looks for a better graph (default true). It pays where weights are constants. A recorded training step runs as
   * fast without, and is compiled in a quarter of the time.
   */
  readonly optimizes?: boolean;
}

/** A compiled graph. */
export interface Session {
  /** Runs the graph. Every output's `data` holds its values afterwards: the array given, or a fresh one where null was. */
  run(inputs: Record<string, NativeTensor>, outputs: Record<string, NativeTensor>): void;
  dispose(): void;
}

/** How {@link loadOnnxRuntime} loads. */
export interface LoadOptions {
  /** False to take the arrays that ONNX Runtime allocates for outputs, instead of writing into ours (default true). */
  readonly writeInPlace?: boolean;
  /** Of a program that is not small; by default as many as the machine has cores. */
  readonly threads?: number;
  /** Loads a CommonJS module by name. */
  readonly require?: (name: string) => unknown;
}

/** ONNX Runtime, loaded and tested. */
export interface OnnxRuntime {
  /** Of onnxruntime-node. */
  readonly version: string;
  /** True if outputs are written straight into arrays of ours; false if ONNX Runtime's own arrays are taken. */
  readonly writesInPlace: boolean;
  /** How many channels its convolution over blocks of them takes together; 1 where there is none. */
  readonly channelBlock: number;
  createSession(graph: GraphDefinition, options: SessionOptions): Session;
}

/**
 * Loads onnxruntime-node's native library and tests that it answers as the backend needs.
 *
 * `session.run` of the public API is asynchronous, reading a TensorFlow.js tensor (`dataSync`) is not; so the native
 * session underneath it is used, which runs synchronously.
 *
 * @throws OnnxRuntimeLoadError
 */
export function loadOnnxRuntime(options: LoadOptions = {}): OnnxRuntime {
  const { writeInPlace = true, require = defaultRequire, threads } = options;
  const { NativeSession, version } = loadBinding(require);
  const inPlace = runtimeOf(NativeSession, version, { writesInPlace: true, threads });
  if (writeInPlace && computesCorrectly(inPlace)) return inPlace;
  const plain = runtimeOf(NativeSession, version, { writesInPlace: false, threads });
  if (computesCorrectly(plain)) return plain;
  throw new OnnxRuntimeLoadError('ONNX Runtime failed its start-up test.', {
    expected: 'x + 1 computed by a session of onnxruntime-node 1.30',
    received: 'no or wrong values',
    hint: 'Install the version of onnxruntime-node that @polymodal/backend-onnx depends on.',
  });
}

const defaultRequire = createRequire(import.meta.url);

function loadBinding(require: (name: string) => unknown): { NativeSession: NativeSessionConstructor; version: string } {
  try {
    const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as {
      binding: { InferenceSession: NativeSessionConstructor };
      initOrt: () => void;
    };
    initOrt();
    const { version } = require('onnxruntime-node/package.json') as { version: string };
    return { NativeSession: binding.InferenceSession, version };
  } catch (cause) {
    throw new OnnxRuntimeLoadError('onnxruntime-node could not be loaded.', {
      expected: `the native library of onnxruntime-node for ${process.platform}-${process.arch}`,
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Install it with "npm install onnxruntime-node@1.30.0" (no install script is needed), or take another backend.',
      cause,
    });
  }
}

function runtimeOf(
  NativeSession: NativeSessionConstructor,
  version: string,
  { writesInPlace, threads }: { readonly writesInPlace: boolean; readonly threads: number | undefined },
): OnnxRuntime {
  const runtime = {
    version,
    writesInPlace,
    createSession(graph: GraphDefinition, options: SessionOptions) {
      const model = writeModel(writesInPlace ? withSentinel(graph) : graph);
      const native = new NativeSession();
      try {
        native.loadModel(model.buffer, model.byteOffset, model.byteLength, sessionOptions(options, threads));
      } catch (cause) {
        throw executionError('ONNX Runtime could not compile a recorded graph.', cause);
      }
      return writesInPlace ? inPlaceSession(native) : plainSession(native);
    },
  };
  return { ...runtime, channelBlock: findChannelBlock(runtime) };
}

/**
 * Rewrites of ONNX Runtime that make graphs slower: a bias folded into a product takes the slower Gemm, a transpose made
 * part of one undoes the explicit transpose that makes the weight gradient a fast product, and the operators of a GELU
 * with its bias and of a LayerNorm with its sum are slower than their parts.
 */
const slowRewrites = ['MatMulAddFusion', 'MatmulTransposeFusion', 'BiasGeluFusion', 'SkipLayerNormFusion'];

/**
 * Microseconds that a thread without work spins before it sleeps: longer than most pauses within a run last, so that small graphs take
 * what they did. By default threads spin for milliseconds, through all work that one thread does by itself, and take the cores from
 * whoever else computes.
 */
const spinDuration = 100;

/**
 * Planned memory (enableMemPattern) takes a second copy of all intermediate memory, and gains no time but where these are small. Other settings
 * gained nothing when measured; of those that would let sessions share an arena, or shrink it, `use_env_allocators` has
 * none to share in onnxruntime-node 1.30, which does not take `enable_memory_arena_shrinkage` of a run either.
 */
function sessionOptions(
  {
    singleThread,
    keepsMemory = true,
    plansMemory = false,
    externalFolder,
    takesTurns,
    optimizes = true,
  }: SessionOptions,
  threads: number | undefined,
): object {
  const intraOpNumThreads = singleThread ? 1 : threads;
  return {
    graphOptimizationLevel: optimizes ? 'all' : 'disabled',
    enableMemPattern: plansMemory,
    enableCpuMemArena: keepsMemory,
    logSeverityLevel: 4,
    ...(intraOpNumThreads !== undefined && { intraOpNumThreads }),
    extra: {
      optimization: { disable_specified_optimizers: slowRewrites.join(';') },
      session: {
        intra_op: { spin_duration_us: String(spinDuration) },
        qdq_matmulnbits_accuracy_level: '1', // weights of 8 bits are multiplied with floats, not with what these are rounded to
        ...(externalFolder !== undefined && { model_external_initializers_file_folder_path: externalFolder }),
        ...(takesTurns && { force_spinning_stop: '1' }),
      },
    },
  };
}

const sentinel = 'sentinel';
const sentinelError = /Tensor type \(16\) is not supported/;

/**
 * onnxruntime-node 1.30 copies every fetched output into fresh memory after a run, also when it has been written into
 * an array that was passed in; for large outputs the copy takes longer than the work. Outputs are converted in order,
 * and a bfloat16 tensor cannot be converted to JavaScript. So with a bfloat16 output in front, `run` writes all the
 * arrays passed in and then throws before it copies any. The start-up test checks that this still holds.
 */
function withSentinel(graph: GraphDefinition): GraphDefinition {
  const constant = { name: 'sentinel_source', type: ElementType.float32, shape: [1], values: [1] };
  const node = {
    operator: 'Cast',
    inputs: [constant.name],
    outputs: [sentinel],
    attributes: { to: ElementType.bfloat16 },
  };
  return {
    nodes: [node, ...graph.nodes],
    inputs: graph.inputs,
    outputs: [{ name: sentinel, type: ElementType.bfloat16, shape: [1] }, ...graph.outputs],
    constants: [...graph.constants, constant],
  };
}

function inPlaceSession(native: NativeSession): Session {
  return {
    run(inputs, outputs) {
      try {
        if (areSmall(outputs)) return void native.run(inputs, outputs, {});
        native.run(inputs, { [sentinel]: null, ...outputs }, {});
      } catch (cause) {
        if (cause instanceof Error && sentinelError.test(cause.message)) return;
        throw executionError('ONNX Runtime failed while it ran a recorded graph.', cause);
      }
      throw executionError('ONNX Runtime did not stop at the sentinel output.', undefined);
    },
    dispose: () => native.dispose(),
  };
}

/** To throw and to catch takes as long as to copy so many elements, and a few arrays more. */
const smallOutputs = { elements: 4096, count: 8 };

function areSmall(outputs: Record<string, NativeTensor>): boolean {
  let [elements, count] = [0, 0];
  for (const name in outputs) {
    elements += outputs[name]!.data?.length ?? 0;
    if (++count > smallOutputs.count || elements > smallOutputs.elements) return false;
  }
  return true;
}

function plainSession(native: NativeSession): Session {
  return {
    run(inputs, outputs) {
      const fetches = Object.fromEntries(Object.keys(outputs).map((name) => [name, null]));
      let results: Record<string, { data: HostArray }>;
      try {
        results = native.run(inputs, fetches, {});
      } catch (cause) {
        throw executionError('ONNX Runtime failed while it ran a recorded graph.', cause);
      }
      for (const name in outputs) outputs[name]!.data = results[name]!.data;
    },
    dispose: () => native.dispose(),
  };
}

function executionError(message: string, cause: unknown): OnnxRuntimeExecutionError {
  return new OnnxRuntimeExecutionError(message, {
    expected: 'a graph that ONNX Runtime can run',
    received: cause instanceof Error ? cause.message : String(cause),
    hint: 'If the message speaks of indices, look for an index out of range in a gather; everything else is a bug worth reporting.',
    cause,
  });
}

/** Tries outputs that are small and others, neither so small that ONNX Runtime would keep them to itself. */
function computesCorrectly(runtime: OnnxRuntime): boolean {
  return [1000, smallOutputs.elements].every((size) => addsCorrectly(runtime, size));
}

/** Runs x + 1 twice over arrays of each kind. */
function addsCorrectly(runtime: OnnxRuntime, size: number): boolean {
  const graph: GraphDefinition = {
    nodes: [
      { operator: 'Add', inputs: ['x', 'one'], outputs: ['y'], attributes: {} },
      { operator: 'Greater', inputs: ['x', 'one'], outputs: ['z'], attributes: {} },
    ],
    inputs: [{ name: 'x', type: ElementType.int32, shape: [size] }],
    outputs: [
      { name: 'y', type: ElementType.int32, shape: [size] },
      { name: 'z', type: ElementType.bool, shape: [size] },
    ],
    constants: [{ name: 'one', type: ElementType.int32, shape: [], values: [1] }],
  };
  try {
    const session = runtime.createSession(graph, { singleThread: true });
    let correct = true;
    for (const start of [-500, 7]) {
      const x = Int32Array.from({ length: size }, (_, i) => start + i);
      const y = tensor('int32', size, runtime.writesInPlace ? new Int32Array(size) : null);
      const z = tensor('bool', size, runtime.writesInPlace ? new Uint8Array(size) : null);
      session.run({ x: tensor('int32', size, x) }, { y, z });
      correct &&= x.every((value, i) => y.data![i] === value + 1 && z.data![i] === Number(value > 1));
    }
    session.dispose();
    return correct;
  } catch {
    return false;
  }
}

function tensor(type: NativeTensor['type'], size: number, data: HostArray | null): NativeTensor {
  return { type, dims: [size], data, location: 'cpu' };
}
