import { collateSamples, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** A batch in which no row has the head's target has no loss. */
export function withoutTargetsNoLoss(subject: HeadCase): void {
  const built = subject.build();
  const batch = collateSamples(subject, subject.samples);
  try {
    tf.tidy(() => {
      const { loss } = built.learn({ ...batch, targets: {} }, trainingContext(RandomKey.from(0), built.whole));
      if (loss === undefined) return;
      const where = `${subject.name}, loss of a batch without targets`;
      throw new ConformanceError({ where, expected: 'no terms', received: `a tensor of shape [${loss.shape}]` });
    });
  } finally {
    built.dispose();
  }
}
