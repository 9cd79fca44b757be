import { collateSamples, inferenceContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';
import { predictRows } from '../compare/predict-rows';
import { ConformanceError } from '../conformance-error';

/**
 * `calibrate`, where the head has it, fits how answers are read and nothing else: no parameter that may learn changes, nor the loss; what it
 * fitted is in buffers, which are finite, and a head that is given them answers the same.
 */
export async function calibrationIsOfAnswers(subject: HeadCase): Promise<void> {
  const { name, samples, headName } = subject;
  const [built, other] = [subject.build(), subject.build()];
  try {
    const answers = await predictRows(subject, built, samples);
    const before = state(subject, built);
    built.module.calibrate?.(
      answers,
      samples.map(({ targets }) => targets[headName]),
    );
    expectSamePlainData(`${name}, loss and what may learn after calibrate()`, before, state(subject, built), 0);
    const others = other.module.parameters();
    for (const [path, parameter] of built.module.parameters()) {
      if (parameter.trainable) continue;
      const values = [...parameter.value.dataSync()];
      const broken = values.find((value) => !Number.isFinite(value));
      if (broken !== undefined) {
        const where = `${name}, buffer ${path} after calibrate()`;
        throw new ConformanceError({ where, expected: 'finite values', received: String(broken) });
      }
      others.get(path)?.assign(parameter.value);
    }
    const calibrated = await predictRows(subject, built, samples);
    const loaded = await predictRows(subject, other, samples);
    expectSamePlainData(`${name}, answers of a head with the same buffers`, calibrated, loaded, 0);
  } finally {
    built.dispose();
    other.dispose();
  }
}

/** The loss, and all parameters that may learn. */
function state(subject: HeadCase, built: ReturnType<HeadCase['build']>): Record<string, readonly number[]> {
  const loss = tf.tidy(() =>
    built.learn(collateSamples(subject, subject.samples), inferenceContext()).loss?.dataSync(),
  );
  const learning = [...built.module.parameters()].filter(([, { trainable }]) => trainable);
  const values = learning.map(([path, { value }]) => [path, [...value.dataSync()]] as const);
  return { loss: [...(loss ?? [])], ...Object.fromEntries(values) };
}
