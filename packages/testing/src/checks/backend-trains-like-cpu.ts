import { inferenceContext, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { fusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { onBackend } from '../compare/on-backend';
import { referenceFusion } from '../doubles/reference-fusion';

/** Rounding of a few training steps in float32. */
const tolerance = 1e-4;

/** A few training steps of a small model over all subsets of modalities have the losses that they have on "cpu". */
export async function backendTrainsLikeCpu(backend: string): Promise<void> {
  const expected = await onBackend('cpu', train);
  const received = await onBackend(backend, train);
  expectSameValues(`backend "${backend}", losses of five training steps`, expected, received, tolerance);
}

async function train() {
  const subject = await fusionCase(referenceFusion, {});
  const built = subject.build({ key: RandomKey.from(5) });
  const optimizer = tf.train.adam(0.01);
  const variables = [...built.whole.parameters().values()].map(({ value }) => value);
  const losses: number[] = [];
  try {
    for (let step = 0; step < 5; step++) {
      const loss = optimizer.minimize(() => built.loss(inferenceContext()), true, variables)!;
      losses.push((await loss.data())[0]);
      loss.dispose();
    }
  } finally {
    optimizer.dispose();
    built.dispose();
  }
  return { losses: { shape: [losses.length], data: losses } };
}
