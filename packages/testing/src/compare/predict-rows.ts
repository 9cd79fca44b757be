import { collateSamples, type HostTensor, inferenceContext, type PreparedSample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** A head's predictions for some samples as one batch, checked to be as many and plain data. */
export async function predictRows(
  subject: HeadCase,
  built: BuiltHead,
  samples: readonly PreparedSample[],
): Promise<unknown[]> {
  const where = `${subject.name}, answers for ${samples.length} rows`;
  const scores = await built.answer(collateSamples(subject, samples), inferenceContext());
  const values: Record<string, HostTensor> = {};
  try {
    for (const [name, tensor] of Object.entries(scores.tensors)) {
      values[name] = { data: (await tensor.data()) as Float32Array, shape: tensor.shape };
    }
  } finally {
    tf.dispose(scores.tensors);
  }
  const predictions: unknown = await built.module.answers(
    values,
    scores.present,
    built.module.predictOptions.parse({}),
    samples.map(({ features }) => features),
  );
  if (!Array.isArray(predictions) || predictions.length !== samples.length) {
    const received = Array.isArray(predictions) ? `${predictions.length}` : typeof predictions;
    throw new ConformanceError({ where, expected: `an array of ${samples.length}`, received });
  }
  return plainCopy(where, predictions);
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
