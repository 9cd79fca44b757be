import { type Context, collateSamples, inferenceContext, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** The loss of a batch that there is something to learn from is one finite number, in inference and in training. */
export async function lossIsAFiniteScalar(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const batch = collateSamples(subject.processors, subject.samples);
  const contexts: readonly Context[] = [inferenceContext(), trainingContext(RandomKey.from(0), built.whole)];
  const expected = 'a finite scalar';
  try {
    for (const context of contexts) {
      const where = `${subject.name}, loss${context.training ? ' in training' : ''}`;
      const loss = tf.tidy(() => built.learn(batch, context).loss?.clone());
      if (!loss) throw new ConformanceError({ where, expected, received: 'undefined' });
      const [value] = await loss.data();
      loss.dispose();
      if (loss.rank > 0) throw new ConformanceError({ where, expected, received: `shape [${loss.shape}]` });
      if (!Number.isFinite(value)) throw new ConformanceError({ where, expected, received: String(value) });
    }
  } finally {
    built.dispose();
  }
}
