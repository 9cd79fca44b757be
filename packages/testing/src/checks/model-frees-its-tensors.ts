import * as tf from '@tensorflow/tfjs-core';
import type { ModelCase } from '../cases/model-case';
import { ConformanceError } from '../conformance-error';

/** Calls of `predict` leave no tensor behind, and `dispose` frees all that a model holds. */
export async function modelFreesItsTensors(subject: ModelCase): Promise<void> {
  const atStart = tf.memory().numTensors;
  const model = subject.compose();
  await model.predict(subject.samples); // parts may keep constants that they compute on first use
  const before = tf.memory().numTensors;
  for (let round = 0; round < 2; round++) await model.predict(subject.samples);
  const after = tf.memory().numTensors;
  model.dispose();
  const left = tf.memory().numTensors;
  if (after !== before) throw leak(subject, 'two calls of predict()', after - before);
  if (left !== atStart) throw leak(subject, 'composing a model, predicting and calling dispose()', left - atStart);
}

function leak(subject: ModelCase, doing: string, count: number): ConformanceError {
  return new ConformanceError({
    where: subject.name,
    expected: `no tensor to be left after ${doing}`,
    received: `${count} more than before`,
  });
}
