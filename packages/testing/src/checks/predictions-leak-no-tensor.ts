import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { predictRows } from '../compare/predict-rows';
import { ConformanceError } from '../conformance-error';

/** `predict`, which no `tf.tidy` can surround, frees what it makes. */
export async function predictionsLeakNoTensor(subject: HeadCase): Promise<void> {
  const built = subject.build();
  try {
    await predictRows(subject, built, subject.samples); // a head may keep constants that it computes on first use
    const before = tf.memory().numTensors;
    for (let round = 0; round < 2; round++) await predictRows(subject, built, subject.samples);
    const left = tf.memory().numTensors - before;
    if (left === 0) return;
    throw new ConformanceError({
      where: `${subject.name}, two calls of predict()`,
      expected: 'no tensor to be left',
      received: `${left} more than before`,
    });
  } finally {
    built.dispose();
  }
}
