import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from '../backend';
import { type CapturedGraph, captureFunction, type TensorFunction, type TensorSpec } from '../capture/capture-function';
import { dtypeOf, type HostArray, type NumericType, newArray } from '../data-type';
import { CaptureError, ExportError } from '../errors';
import type { WeightsInFiles } from '../export/graph-builder';
import { StoredWeights } from '../export/stored-weights';
import { type SizedGraphs, traceAtSizes } from '../export/trace-at-sizes';
import { type UnifiedGraph, unifyGraphs } from '../export/unify-graphs';
import { weightNames } from '../export/weight-names';
import type { ConstantDefinition } from '../onnx/model-writer';
import { intermediateBytes } from '../program-cost';
import type { NativeTensor } from '../session';
import { TensorData } from '../tensor-data';
import type { CompileOptions } from './compile-options';
import { foldIdentities } from './fold-identities';
import { ProgramShapes } from './program-shapes';
import { quantiseProducts } from './quantise-products';
import { SessionByWork } from './session-by-work';

/** The options of `compile` that a program takes. */
type ProgramOptions = Pick<CompileOptions, 'donate' | 'dynamicAxes' | 'traceSizes' | 'takesTurns' | 'precision'>;

/** Of intermediate values, at the sizes at which a function is traced: less is so little that it may be held twice. */
const plannedBytes = 2 ** 20;

/** A function compiled for inputs of certain shapes, the values of its variables built in. */
export class CompiledProgram {
  readonly #backend: OnnxBackend;
  readonly #graph: CapturedGraph;
  readonly #shapes: ProgramShapes;
  readonly #sessions: SessionByWork;
  readonly #variables: readonly { readonly variable: tf.Variable; readonly dataId: tf.DataId }[];
  readonly #inPlace: ReadonlyMap<string, string>;

  private constructor(
    backend: OnnxBackend,
    graph: CapturedGraph,
    shapes: ProgramShapes,
    sessions: SessionByWork,
    variables: readonly { readonly variable: tf.Variable; readonly dataId: tf.DataId }[],
    /** By the name of an output, the input that it is written over. */
    inPlace: ReadonlyMap<string, string>,
  ) {
    this.#backend = backend;
    this.#graph = graph;
    this.#shapes = shapes;
    this.#sessions = sessions;
    this.#variables = variables;
    this.#inPlace = inPlace;
  }

  /**
   * Captures the function, at several sizes of its dynamic axes, or else twice, so that one whose constants change from call
   * to call is noticed, and compiles it.
   *
   * @throws CaptureError if it reads values, writes variables, is asynchronous or not the same at every call
   * @throws ExportError if it is not one graph at all sizes of the dynamic axes
   */
  static compile(
    backend: OnnxBackend,
    fn: TensorFunction,
    specs: Readonly<Record<string, TensorSpec>>,
    { donate = {}, dynamicAxes, traceSizes, takesTurns = false, precision = 'float32' }: ProgramOptions,
  ): CompiledProgram {
    const traced =
      dynamicAxes === undefined
        ? traceTwice(backend, fn, specs)
        : traceAtSizes(backend, fn, specs, { dynamicAxes, traceSizes });
    const [graph] = traced.graphs as [CapturedGraph];
    const storedWeights = new StoredWeights();
    const unified = unifiedGraph(backend, traced, precision === 'int8' ? asTheyAre(storedWeights) : storedWeights);
    const folded = foldIdentities(unified, (part) => backend.createSession(part, { singleThread: true }));
    const valuesOf = (weight: ConstantDefinition) => storedWeights.valuesOf(weight);
    const definition = precision === 'int8' ? quantiseProducts(folded, valuesOf) : folded;
    const computed = intermediateBytes(graph.nodes, new Set(graph.outputs.map(({ value }) => value)));
    const options = { plansMemory: computed < plannedBytes, externalFolder: storedWeights.folder, takesTurns };
    const sessions = new SessionByWork(traced, (singleThread) =>
      backend.createSession(definition, { singleThread, ...options }),
    );
    const variables = Object.values(tf.engine().registeredVariables)
      .filter((variable) => backend.refCount(variable.dataId) > 0)
      .filter((variable) => graph.dependencies.has(backend.tensorData(variable)))
      .map((variable) => ({ variable, dataId: variable.dataId }));
    const updates = Object.entries(donate).filter(([input, output]) => isUpdateInPlace(graph, input, output));
    const inPlace = new Map(updates.map(([input, output]) => [output, input]));
    return new CompiledProgram(backend, graph, new ProgramShapes(traced), sessions, variables, inPlace);
  }

  /** False once a variable that is built in has been assigned. */
  get isCurrent(): boolean {
    return this.#variables.every(({ variable, dataId }) => variable.dataId === dataId && !variable.isDisposed);
  }

  /** True if every output has `size` as its first axis. */
  hasRows(size: number): boolean {
    return this.#graph.outputs.every(({ value }) => value.shape[0] === size);
  }

  /**
   * @param rows of the inputs, where the program was compiled for more: zeros stand for the others, whose results are
   *   left out
   */
  run(inputs: tf.NamedTensorMap, rows: number | null): tf.Tensor | tf.NamedTensorMap {
    const sizes = this.#shapes.sizesOf(inputs);
    const feeds: Record<string, NativeTensor> = {};
    for (const { name, value } of this.#graph.inputs) {
      const { dataId, shape } = inputs[name]!;
      const { values } = this.#backend.materialise(dataId);
      const dims = rows === null ? shape : this.#shapes.ofInput(name, sizes);
      const data = rows === null ? values! : padded(values!, dtypeOf(value.type), tf.util.sizeFromShape(dims));
      feeds[name] = { type: dtypeOf(value.type), dims, data, location: 'cpu' };
    }
    const fetches: Record<string, NativeTensor> = {};
    for (const { name, value } of this.#graph.outputs) {
      const dims = this.#shapes.ofOutput(name, sizes);
      const type = dtypeOf(value.type);
      const donor = rows === null ? this.#inPlace.get(name) : undefined;
      const taken = donor === undefined ? null : this.#backend.takeValues(inputs[donor]!.dataId);
      const data = taken ?? this.#backend.outputArray(type, tf.util.sizeFromShape(dims));
      fetches[name] = { type, dims, data, location: 'cpu' };
    }
    this.#sessions.at(sizes).run(feeds, fetches);
    const outputs = Object.entries(fetches).map(([name, fetch]) => [name, this.#publish(fetch, rows)] as const);
    return this.#graph.isSingle ? outputs[0]![1] : Object.fromEntries(outputs);
  }

  dispose(): void {
    this.#sessions.dispose();
  }

  #publish({ type, dims, data }: NativeTensor, rows: number | null): tf.Tensor {
    const shape = rows === null ? [...dims] : [rows, ...dims.slice(1)];
    const result = new TensorData(type, shape);
    result.values = rows === null ? data : data!.slice(0, tf.util.sizeFromShape(shape));
    const info = { dataId: this.#backend.adopt(result), shape, dtype: type as NumericType };
    return tf.engine().makeTensorFromTensorInfo(info, this.#backend);
  }
}

/**
 * Whether an output is an input with slices replaced, and nothing else reads the input: then ONNX Runtime, given one array for
 * both, writes the slices and copies nothing.
 */
function isUpdateInPlace({ nodes, inputs, outputs }: CapturedGraph, from: string, to: string): boolean {
  const input = inputs.find(({ name }) => name === from)?.value;
  const output = outputs.find(({ name }) => name === to)?.value;
  const readers = nodes.filter((node) => node.inputs.includes(input!));
  const [update] = readers;
  return (
    readers.length === 1 &&
    update!.operator === 'ScatterND' &&
    update!.inputs.indexOf(input!) === 0 &&
    update!.inputs.lastIndexOf(input!) === 0 &&
    output?.node === update
  );
}

function traceTwice(
  backend: OnnxBackend,
  fn: TensorFunction,
  specs: Readonly<Record<string, TensorSpec>>,
): SizedGraphs {
  const graphs = [0, 1].map(() => captureFunction(backend, fn, specs));
  return { graphs, grid: { names: [], sizes: [] }, axes: {}, sources: [] };
}

function unifiedGraph(
  backend: OnnxBackend,
  { graphs, grid, sources }: SizedGraphs,
  storedWeights: WeightsInFiles,
): UnifiedGraph {
  try {
    return unifyGraphs(graphs, {
      grid,
      sources,
      weightNames: weightNames(backend),
      allowTables: false,
      storedWeights,
    });
  } catch (cause) {
    if (!(cause instanceof ExportError) || grid.names.length > 0) throw cause;
    throw new CaptureError('The function is not the same at every call.', {
      expected: 'a function that gives the same for the same inputs',
      received: cause.message,
      hint: 'Draw random numbers outside of it and hand them in.',
      cause,
    });
  }
}

/** In a graph whose products are rounded: what is cut, turned or widened first would be no constant. */
function asTheyAre(weights: StoredWeights): WeightsInFiles {
  return {
    add(builder, name, shape, stored) {
      const isPlain = stored.dtype === 'F32' && stored.columns === undefined;
      return isPlain ? weights.add(builder, name, shape, stored) : undefined;
    },
  };
}

function padded(values: HostArray, dtype: NumericType, size: number): HostArray {
  const array = newArray(dtype, size);
  array.set(values);
  return array;
}
