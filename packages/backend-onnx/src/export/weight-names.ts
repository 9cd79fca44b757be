import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from '../backend';
import type { TensorData } from '../tensor-data';

/** The names of all variables by their data. */
export function weightNames(backend: OnnxBackend): Map<TensorData, string> {
  const variables = Object.values(tf.engine().registeredVariables).filter(({ dataId }) => backend.refCount(dataId) > 0);
  return new Map(variables.map((variable) => [backend.tensorData(variable), variable.name]));
}
