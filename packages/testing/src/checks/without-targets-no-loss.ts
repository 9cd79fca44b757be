import { collateSamples, RandomKey, type Targets, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { ConformanceError } from '../conformance-error';

/** A batch without a target for the head, be it without any targets or with those of other heads, has no loss. */
export function withoutTargetsNoLoss(subject: HeadCase): void {
  const built = subject.build();
  const batch = collateSamples(subject.processors, subject.samples);
  const without: readonly (readonly [string, Targets | undefined])[] = [
    ['no targets', undefined],
    ['targets of another head alone', { 'some other head': 1 }],
  ];
  try {
    for (const [label, target] of without) {
      const targets = batch.targets.map(() => target);
      tf.tidy(() => {
        const { loss } = built.learn(batch, trainingContext(RandomKey.from(0), built.whole), targets);
        if (loss === undefined) return;
        const where = `${subject.name}, loss of a batch with ${label}`;
        throw new ConformanceError({ where, expected: 'undefined', received: `a tensor of shape [${loss.shape}]` });
      });
    }
  } finally {
    built.dispose();
  }
}
