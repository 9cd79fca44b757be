import { collateSamples, inferenceContext, type Metrics, mapRecord } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { predictRows } from '../compare/predict-rows';
import { ConformanceError } from '../conformance-error';

/**
 * `evaluate`, where the head has it, gives finite numbers, the same for the same pairs in another order, and `evaluateLoss` finite ones of its
 * loss.
 */
export async function metricsAreFinite(subject: HeadCase): Promise<void> {
  const built = subject.build();
  try {
    requireFinite(subject, lossFigures(subject, built));
    if (!built.module.evaluate) return;
    const predictions = await predictRows(subject, built, subject.samples);
    const targets = subject.samples.map(({ targets }) => targets[subject.headName]);
    const metrics = built.module.evaluate(predictions, targets);
    const reversed = built.module.evaluate([...predictions].reverse(), [...targets].reverse());
    requireFinite(subject, metrics);
    for (const [name, value] of Object.entries(metrics)) {
      if (Math.abs(value - reversed[name]) <= subject.tolerance * Math.max(1, Math.abs(value))) continue;
      throw new ConformanceError({
        where: `${subject.name}, metric ${name} of reversed rows`,
        expected: `${value}`,
        received: `${reversed[name]}`,
      });
    }
  } finally {
    built.dispose();
  }
}

function lossFigures(subject: HeadCase, built: BuiltHead): Metrics {
  const means = tf.tidy(() => {
    const { terms } = built.learn(collateSamples(subject, subject.samples), inferenceContext());
    return mapRecord(terms, ({ sum, count }) => sum.dataSync()[0] / count);
  });
  return built.module.evaluateLoss?.(means) ?? {};
}

function requireFinite({ name: head }: HeadCase, metrics: Metrics): void {
  for (const [name, value] of Object.entries(metrics)) {
    if (Number.isFinite(value)) continue;
    const where = `${head}, metric ${name}`;
    throw new ConformanceError({ where, expected: 'a finite number', received: String(value) });
  }
}
