import { backendCapabilities } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { StoredPlace } from '../checkpoint/checkpoint';
import { elementDecoders } from '../checkpoint/element-decoders';
import type { Transfer } from './plan-transfers';

/** Below this many values a tensor is read at once: there are many, and together they are little. */
const fewestValues = 1 << 14;

/**
 * Gives parameters tensors whose values stay in a file until they are needed, on backends that have such, as
 * `@polymodal/backend-onnx`.
 *
 * @returns false if the values have to be read now
 */
export function leaveStored({ ours, transpose, rows: part }: Transfer, place: StoredPlace | undefined): boolean {
  const size = ours.reduce((sum, { parameter }) => sum + parameter.size, 0);
  const { storedTensor } = backendCapabilities();
  if (part || place === undefined || size < fewestValues || !storedTensor) return false;
  const rows = ours.reduce((sum, { parameter }) => sum + parameter.shape[0], 0);
  const { bytes, decode: widen } = elementDecoders[place.dtype]!;
  let start = 0; // of the rows of the next parameter
  for (const { parameter } of ours) {
    const { shape } = parameter;
    const columns = { matrix: [size / rows, rows] as const, start, count: shape[0] };
    const layout = transpose ? { columns } : { offset: place.offset + bytes * start * (size / rows) };
    tf.tidy(() => parameter.assign(storedTensor({ ...place, widen, ...layout }, shape)));
    start += shape[0];
  }
  return true;
}
