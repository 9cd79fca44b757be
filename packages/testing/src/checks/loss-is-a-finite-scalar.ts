import {
  type Context,
  collateSamples,
  inferenceContext,
  type Losses,
  RandomKey,
  trainingContext,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/**
 * The loss of a batch that there is something to learn from has terms, each a finite scalar with a count above 0, in inference and
 * in training.
 */
export async function lossIsAFiniteScalar(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const batch = collateSamples(subject, subject.samples);
  const contexts: readonly Context[] = [inferenceContext(), trainingContext(RandomKey.from(0), built.whole)];
  try {
    for (const context of contexts) {
      const where = `${subject.name}, loss${context.training ? ' in training' : ''}`;
      const learn = () => built.learn(batch, context).terms as object as tf.TensorContainer;
      const terms = tf.tidy(learn) as object as Losses[string];
      if (Object.keys(terms).length === 0) throw new ConformanceError({ where, expected: 'terms', received: 'none' });
      for (const [term, { sum, count, weight }] of Object.entries(terms)) {
        const [value] = await sum.data();
        sum.dispose();
        const fail = (expected: string, received: string) => {
          throw new ConformanceError({ where: `${where}, ${term}`, expected, received });
        };
        if (!(count > 0) || !Number.isFinite(count)) fail('a count above 0', String(count));
        if (!Number.isFinite(weight)) fail('a finite weight', String(weight));
        if (sum.rank > 0) fail('a finite scalar', `shape [${sum.shape}]`);
        if (!Number.isFinite(value)) fail('a finite scalar', String(value));
      }
    }
  } finally {
    built.dispose();
  }
}
