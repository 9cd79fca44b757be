import { collateSamples, type HeadInput, inferenceContext, type PreparedSample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** A head's predictions for some samples as one batch, checked to be as many and plain data. */
export async function predictRows(
  { processors, name }: HeadCase,
  built: BuiltHead,
  samples: readonly PreparedSample[],
): Promise<unknown[]> {
  const context = inferenceContext();
  const batch = collateSamples(processors, samples);
  // Tensors of the input outlive the tidy, because the prediction is awaited.
  const input = tf.tidy(() => built.input(batch, context) as unknown as tf.TensorContainer);
  try {
    const predictions: unknown = await built.module.predict(input as unknown as HeadInput, context);
    const where = `${name}, predict() for ${samples.length} rows`;
    if (!Array.isArray(predictions) || predictions.length !== samples.length) {
      const received = Array.isArray(predictions) ? `${predictions.length}` : typeof predictions;
      throw new ConformanceError({ where, expected: `an array of ${samples.length}`, received });
    }
    return plainCopy(where, predictions);
  } finally {
    tf.dispose(input);
  }
}

function plainCopy(where: string, predictions: unknown[]): unknown[] {
  if (containsTensor(predictions)) throw new ConformanceError({ where, expected: 'plain data', received: 'a tensor' });
  try {
    return structuredClone(predictions);
  } catch (cause) {
    throw new ConformanceError({ where, expected: 'plain data', received: String(cause), cause });
  }
}

function containsTensor(value: unknown): boolean {
  if (value instanceof tf.Tensor) return true;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return Object.values(value).some(containsTensor);
}
