import { type HostTensor, uploadTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** The features of a prompt, each (N, …) of N tokens, in host memory or on the backend. */
export type PromptFeatures = Readonly<Record<string, HostTensor | tf.Tensor>>;

/**
 * Features of several prompts, filled up at their beginning with zeros, as tensors that are the caller's.
 *
 * @param rows each (N, …)
 * @returns    (B, length, …)
 */
export function leftPadded(rows: readonly (HostTensor | tf.Tensor)[], length: number): tf.Tensor {
  return rows.every(isInHostMemory)
    ? fromHost(rows, length)
    : tf.tidy(() => tf.stack(rows.map((row) => padded(row, length))));
}

/** How many tokens a prompt has. */
export function lengthOf(prompt: PromptFeatures): number {
  return Object.values(prompt)[0].shape[0];
}

function isInHostMemory(feature: HostTensor | tf.Tensor): feature is HostTensor {
  return !(feature instanceof tf.Tensor);
}

function fromHost(rows: readonly HostTensor[], length: number): tf.Tensor {
  const [first] = rows;
  const inner = first.shape.slice(1);
  const size = tf.util.sizeFromShape(inner);
  const data = new (first.data.constructor as Int32ArrayConstructor)(rows.length * length * size);
  rows.forEach((row, index) => data.set(row.data, ((index + 1) * length - row.shape[0]) * size));
  return uploadTensor({ ...first, data, shape: [rows.length, length, ...inner] });
}

function padded(row: HostTensor | tf.Tensor, length: number): tf.Tensor {
  const tensor = isInHostMemory(row) ? uploadTensor(row) : row;
  return tf.pad(
    tensor,
    tensor.shape.map((size, axis): [number, number] => [axis === 0 ? length - size : 0, 0]),
  );
}
