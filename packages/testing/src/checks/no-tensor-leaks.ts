import { inferenceContext, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ModuleCase } from '../cases/module-case';
import { ConformanceError } from '../conformance-error';

/** A forward pass inside `tf.tidy` leaves no tensor behind, and `dispose` frees all that a part holds. */
export async function noTensorLeaks(subject: ModuleCase): Promise<void> {
  const atStart = tf.memory().numTensors;
  const built = subject.build();
  const pass = (training: boolean) =>
    tf.tidy(() => {
      built.outputs(training ? trainingContext(RandomKey.from(0), built.whole) : inferenceContext());
    });
  for (const training of [false, true]) pass(training); // a part may keep constants that it computes on first use
  const before = tf.memory().numTensors;
  for (const training of [false, true, false, true]) pass(training);
  const after = tf.memory().numTensors;
  built.dispose();
  if (after !== before) throw leak(subject, 'four forward passes inside tf.tidy', after - before);
  const left = tf.memory().numTensors - atStart;
  if (left !== 0) throw leak(subject, 'building the part, running it and calling dispose()', left);
}

function leak(subject: ModuleCase, doing: string, count: number): ConformanceError {
  return new ConformanceError({
    where: subject.name,
    expected: `no tensor to be left after ${doing}`,
    received: `${count} more than before`,
    hint: 'Keep only Parameters between passes, and free in dispose() whatever else is kept.',
  });
}
