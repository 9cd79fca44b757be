import * as tf from '@tensorflow/tfjs-core';

/** Every tensor in a value of plain records and arrays, under its path. */
export function namedTensors(value: unknown, path = 'output'): Record<string, tf.Tensor> {
  if (value instanceof tf.Tensor) return { [path]: value };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return {};
  const parts = Object.entries(value).map(([name, part]) => namedTensors(part, `${path}.${name}`));
  return Object.assign({}, ...parts);
}
