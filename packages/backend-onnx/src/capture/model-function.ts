import * as tf from '@tensorflow/tfjs';
import { CaptureError } from '../errors';
import type { TensorFunction } from './capture-function';

/** A function of named tensors, or a model of TensorFlow.js, whose inputs and outputs have names. */
export type Capturable<I extends tf.NamedTensorMap = tf.NamedTensorMap> =
  | ((inputs: I) => tf.Tensor | tf.NamedTensorMap)
  | tf.LayersModel
  | tf.GraphModel;

/** What is captured of it: for a model what it computes in inference, by the names of its outputs. */
export function functionOf<I extends tf.NamedTensorMap>(capturable: Capturable<I>): TensorFunction {
  if (capturable instanceof tf.LayersModel) return layersFunction(capturable);
  if (capturable instanceof tf.GraphModel) return graphFunction(capturable);
  if (typeof capturable === 'function') return capturable as TensorFunction;
  throw new CaptureError('This is nothing that computes tensors.', {
    expected: 'a function of named tensors, a tf.LayersModel or a tf.GraphModel',
    received: capturable === null ? 'null' : typeof capturable,
    hint: 'Wrap it: (inputs) => tensors.',
  });
}

function layersFunction(model: tf.LayersModel): TensorFunction {
  return (inputs) => {
    const given = model.inputNames.map((name) => inputs[name] ?? refuseInputs(model.inputNames, inputs));
    const outputs = model.apply(given, { training: false }) as tf.Tensor | tf.Tensor[];
    const list = Array.isArray(outputs) ? outputs : [outputs];
    return Object.fromEntries(model.outputNames.map((name, i) => [name, list[i]!]));
  };
}

function graphFunction(model: tf.GraphModel): TensorFunction {
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
