import type * as tf from '@tensorflow/tfjs-core';
import { currentOnnxBackend, type TensorFunction, warmUp } from '../capture/capture-function';
import { type Capturable, functionOf } from '../capture/model-function';
import { dtypeOf } from '../data-type';
import { ExportError } from '../errors';
import { irVersion, operatorSet, type ValueDefinition } from '../onnx/model-writer';
import type { DynamicAxes } from './dynamic-sizes';
import { traceAtSizes } from './trace-at-sizes';
import { unifyGraphs } from './unify-graphs';
import { weightNames } from './weight-names';
import { writeModelFile } from './write-model-file';

/** Options of {@link exportOnnx}. */
export interface ExportOptions {
  /** Where to write, e.g. `model.onnx`. */
  readonly path: string;
  /**
   * Names of the axes whose size may vary, by input and axis: `{ tokens: { 0: 'batch', 1: 'sequence' } }`. Axes of one
   * name are equally long. By default the first axis of every input is `batch`; `{}` fixes all sizes.
   */
  readonly dynamicAxes?: DynamicAxes;
  /** For a named size, three that the function takes, to trace it at. By default some near the example's. */
  readonly traceSizes?: Readonly<Record<string, readonly [number, number, number]>>;
  /**
   * For a named size, the largest one ever needed: host-made constants that grow with it (a causal mask) are then
   * stored once at that size and cut at a run.
   */
  readonly maxSizes?: Readonly<Record<string, number>>;
  /** Bytes of a model beyond which its weights go to a file beside it (default 2 GB, the limit of the format). */
  readonly externalDataThreshold?: number;
}

/** An input or output of an exported model. */
export interface ExportedTensor {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** A size that may vary has a name, or is computed from some: `4*batch + 1`. */
  readonly shape: readonly (number | string)[];
}

/** What was written. */
export interface ExportedModel {
  readonly path: string;
  /** File with the weights, if they are not in the model itself. */
  readonly externalDataPath: string | null;
  readonly operatorSet: number;
  readonly irVersion: number;
  readonly nodes: number;
  readonly inputs: readonly ExportedTensor[];
  readonly outputs: readonly ExportedTensor[];
}

/**
 * Writes a function of tensors, or a model of TensorFlow.js (`tf.LayersModel`, `tf.GraphModel`), as an ONNX file that any
 * runtime for ONNX can run; variables become its weights.
 *
 * The function is traced, not run, at several sizes of each dynamic axis, and the traces are made one graph. It must
 * be synchronous, consist of tensor operations, and give the same for the same inputs. A bare tensor that it gives is
 * the output `output`.
 *
 * ```ts
 * const weight = tf.variable(tf.randomNormal([16, 4]), true, 'weight');
 * const classify = ({ x }: { x: tf.Tensor }) => tf.softmax(tf.matMul(x, weight));
 * await exportOnnx(classify, { x: tf.zeros([1, 16]) }, { path: 'classify.onnx' }); // any number of rows
 * ```
 *
 * @param model a function from named tensors to a tensor or named tensors, or a model
 * @param example tensors of shapes and types that it takes, by the names of its inputs; their values do not matter
 * @throws CaptureError if fn reads values, writes variables or is asynchronous
 * @throws ExportFileError if the file system does not take the file, or another's has its name
 * @throws ExportError if fn is not one graph at all sizes, has operations without a standard form, or gives an output the name of an input
 */
export async function exportOnnx<I extends tf.NamedTensorMap>(
  model: Capturable<I>,
  example: I,
  options: ExportOptions,
): Promise<ExportedModel> {
  const graph = unifiedGraph(functionOf(model), example, options);
  checkNames(graph);
  const externalDataPath = writeModelFile(graph, options.path, options.externalDataThreshold);
  const [inputs, outputs] = [graph.inputs.map(described), graph.outputs.map(described)];
  return { path: options.path, externalDataPath, operatorSet, irVersion, nodes: graph.nodes.length, inputs, outputs };
}

function unifiedGraph(fn: TensorFunction, example: tf.NamedTensorMap, options: ExportOptions) {
  const backend = currentOnnxBackend();
  warmUp(fn, example);
  const { graphs, grid, sources } = traceAtSizes(backend, fn, example, options);
  return unifyGraphs(graphs, {
    grid,
    sources,
    weightNames: weightNames(backend),
    allowTables: options.maxSizes !== undefined,
  });
}

/** In a file inputs and outputs share their names. */
function checkNames({ inputs, outputs }: Record<'inputs' | 'outputs', readonly ValueDefinition[]>): void {
  const taken = outputs.find(({ name }) => inputs.some((input) => input.name === name));
  if (taken === undefined) return;
  throw new ExportError('An output has the name of an input.', {
    expected: 'outputs with names of their own',
    received: `"${taken.name}" as both`,
    hint: 'Give the output another name.',
  });
}

function described({ name, type, shape }: ValueDefinition): ExportedTensor {
  return { name, dtype: dtypeOf(type), shape };
}
