import { collateSamples, inferenceContext, type PreparedSample } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';

/**
 * Rows without a target change neither the loss nor a gradient: not by a bit when what they hold is another, and not
 * beyond rounding when they are left out.
 */
export async function rowsWithoutTargetDoNotCount(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const { samples, name, tolerance } = subject;
  try {
    const some = samples.map((sample, row) => (row % 3 === 1 ? { ...sample, targets: {} } : sample));
    const changed = some.map((sample) => (hasTarget(sample) ? sample : withOtherFeatures(sample)));
    const expected = await learn(subject, built, some);
    const others = await learn(subject, built, changed);
    expectSameValues(`${name}, loss and gradients when rows without target hold other features`, expected, others, 0);
    const kept = await learn(subject, built, some.filter(hasTarget));
    expectSameValues(`${name}, loss and gradients without the rows that have no target`, expected, kept, tolerance);
  } finally {
    built.dispose();
  }
}

async function learn(subject: HeadCase, built: BuiltHead, samples: readonly PreparedSample[]) {
  const batch = collateSamples(subject, samples);
  const { loss, gradients } = await backward(built.whole, () => {
    const pass = built.learn(batch, inferenceContext());
    return pass.loss ?? tf.scalar(Number.NaN);
  });
  return { ...gradients, loss: { shape: [], data: [loss] } };
}

function hasTarget({ targets }: PreparedSample): boolean {
  return Object.keys(targets).length > 0;
}

function withOtherFeatures(sample: PreparedSample): PreparedSample {
  const features = Object.entries(sample.features).map(([modality, { values }]) => {
    return [modality, { values: { ...values, data: values.data.map((value) => 2 - value) } }];
  });
  return { ...sample, features: Object.fromEntries(features) };
}
