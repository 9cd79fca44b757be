import type * as tf from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors';
import type { TensorFunction } from './capture-function';

/**
 * The parts of `tf.LayersModel` that are used here. By its shape, since `@tensorflow/tfjs-layers` is needed only by those who have
 * such a model.
 */
export interface LayersModel {
  readonly inputNames: string[];
  readonly outputNames: string[];
  apply(inputs: tf.Tensor[], options: { training: boolean }): unknown;
}

/** The parts of `tf.GraphModel` (of `@tensorflow/tfjs-converter`) that are used here. */
export interface GraphModel {
  readonly inputs: readonly { readonly name: string }[];
  readonly outputNodes: string[];
  execute(inputs: tf.NamedTensorMap, outputs: string[]): tf.Tensor | tf.Tensor[];
}

/** A function of named tensors, or a model of TensorFlow.js, whose inputs and outputs have names. */
export type Capturable<I extends tf.NamedTensorMap = tf.NamedTensorMap> =
  | ((inputs: I) => tf.Tensor | tf.NamedTensorMap)
  | LayersModel
  | GraphModel;

/** What is captured of it: for a model what it computes in inference, by the names of its outputs. */
export function functionOf<I extends tf.NamedTensorMap>(capturable: Capturable<I>): TensorFunction {
  if (typeof capturable === 'function') return capturable as TensorFunction;
  if (isLayersModel(capturable)) return layersFunction(capturable);
  if (isGraphModel(capturable)) return graphFunction(capturable);
  throw new CaptureError('This is nothing that computes tensors.', {
    expected: 'a function of named tensors, a tf.LayersModel or a tf.GraphModel',
    received: capturable === null ? 'null' : typeof capturable,
    hint: 'Wrap it: (inputs) => tensors.',
  });
}

function isLayersModel(value: Partial<LayersModel & GraphModel> | null): value is LayersModel {
  return Array.isArray(value?.inputNames) && typeof value.apply === 'function';
}

function isGraphModel(value: Partial<LayersModel & GraphModel> | null): value is GraphModel {
  return Array.isArray(value?.outputNodes) && typeof value.execute === 'function';
}

function layersFunction(model: LayersModel): TensorFunction {
  return (inputs) => {
    const given = model.inputNames.map((name) => inputs[name] ?? refuseInputs(model.inputNames, inputs));
    const outputs = model.apply(given, { training: false }) as tf.Tensor | tf.Tensor[];
    const list = Array.isArray(outputs) ? outputs : [outputs];
    return Object.fromEntries(model.outputNames.map((name, i) => [name, list[i]!]));
  };
}

function graphFunction(model: GraphModel): TensorFunction {
  const names = model.inputs.map(({ name }) => name);
  return (inputs) => {
    if (names.some((name) => !(name in inputs))) refuseInputs(names, inputs);
    const outputs = model.execute(inputs, model.outputNodes) as tf.Tensor | tf.Tensor[];
    const list = Array.isArray(outputs) ? outputs : [outputs];
    return Object.fromEntries(model.outputNodes.map((name, i) => [name, list[i]!]));
  };
}

function refuseInputs(names: readonly string[], inputs: tf.NamedTensorMap): never {
  throw new CaptureError('The example does not have the inputs of the model.', {
    expected: names.join(', '),
    received: Object.keys(inputs).join(', ') || 'nothing',
    hint: "Name the tensors after the model's inputs.",
  });
}
