import * as tf from '@tensorflow/tfjs-core';
import { describeValue } from '../describe-value';
import { PartError } from '../errors';

/**
 * What an encoder keeps of U values as what it keeps of P rows: of every tensor in it, in plain records, arrays and maps, the part of each
 * row's value. Tensors whose first axis has length 1 are of all rows, and numbers and the like say the same of all.
 *
 * @param numbers (P) of the row's values
 * @throws PartError for a state with anything else in it
 */
export function spreadState(state: unknown, numbers: tf.Tensor1D, size: number): unknown {
  const spread = (part: unknown): unknown => {
    if (part instanceof tf.Tensor) return ofRows(part);
    if (Array.isArray(part)) return part.map(spread);
    if (part instanceof Map) return new Map([...part].map(([key, value]) => [key, spread(value)]));
    if (typeof part === 'function') throw unknownState(part);
    if (typeof part !== 'object' || part === null) return part;
    if (Object.getPrototypeOf(part) !== Object.prototype) throw unknownState(part);
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, spread(value)]));
  };
  const ofRows = (tensor: tf.Tensor): tf.Tensor => {
    if (tensor.rank === 0 || tensor.shape[0] === 1) return tensor;
    if (tensor.shape[0] !== size) throw unknownState(tensor);
    return tf.gather(tensor, numbers);
  };
  return spread(state);
}

function unknownState(part: unknown): PartError {
  return new PartError({
    where: 'state of the tokens',
    expected: 'tensors whose first axis is the rows, or 1, in plain records, arrays and maps',
    received: part instanceof tf.Tensor ? `a tensor of shape [${part.shape}]` : describeValue(part),
    hint: 'Rows cannot share values of this encoder where a fusion works between its layers: leave out `shared`.',
  });
}
