import * as tf from '@tensorflow/tfjs-core';

/** Whether what a function gave is an object of tensors, with at least one. */
export function isNamedTensors(result: unknown): result is tf.NamedTensorMap {
  const values = typeof result === 'object' && result !== null ? Object.values(result) : [];
  return values.length > 0 && values.every((value) => value instanceof tf.Tensor);
}

/** What a function gave instead of tensors, for messages. */
export function describeResult(result: unknown): string {
  if (result instanceof Promise) return 'a promise';
  const hasValues = typeof result === 'object' && result !== null && Object.keys(result).length > 0;
  return hasValues ? 'an object with other values' : `${result}`;
}
