import * as tf from '@tensorflow/tfjs-core';
import { describeValue } from '../describe-value';
import { PartError } from '../errors';

/**
 * Makes sure that what a part gave is a tensor of numbers, of a shape.
 *
 * @param where how error messages call it: `fusion, mask`
 * @param shape sizes; a name where any will do: `[2, 'N', 64]`
 * @param rest  whether further axes may follow
 * @throws PartError
 */
export function checkTensor(where: string, value: unknown, shape: readonly (number | string)[], rest = false): void {
  const axes = `[${[...shape, ...(rest ? ['…'] : [])].join(', ')}]`;
  if (!(value instanceof tf.Tensor) || value.dtype === 'string' || value.dtype === 'complex64') {
    const received = value instanceof tf.Tensor ? `a tensor of ${value.dtype}` : describeValue(value);
    throw new PartError({ where, expected: `a tensor of numbers of shape ${axes}`, received });
  }
  const own = value.shape;
  const fits = rest ? own.length >= shape.length : own.length === shape.length;
  if (fits && shape.every((length, axis) => typeof length === 'string' || own[axis] === length)) return;
  throw new PartError({ where, expected: `shape ${axes}`, received: `[${own.join(', ')}]` });
}
