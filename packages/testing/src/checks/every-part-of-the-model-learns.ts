import { disposeBatch, inferenceContext, meanLoss, RandomKey, trainingContext, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelCase } from '../cases/model-case';
import { backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { ConformanceError } from '../conformance-error';

/** The losses of a batch of all subsets together give every trainable parameter of the model a gradient. */
export async function everyPartOfTheModelLearns(subject: ModelCase): Promise<void> {
  const key = RandomKey.from(0).fold('every part of the model learns');
  const model = subject.compose();
  const prepared = await Promise.all(subject.samples.map((sample) => model.prepare(sample)));
  const collated = model.collate([...prepared, ...prepared]); // twice, so that there is something to contrast
  const batch = uploadBatch(model.drawTargets(collated, key.fold('drawn')));
  try {
    perturbParameters(model, key);
    const waiting = new Set([...model.parameters()].flatMap(([path, p]) => (p.trainable ? [path] : [])));
    for (const context of [inferenceContext(), ...[0, 1, 2].map((step) => trainingContext(key.fold(step), model))]) {
      const loss = () =>
        tf.addN([
          tf.scalar(0),
          ...Object.values(model.losses(batch, context)).map((terms) => meanLoss(terms)),
        ]) as tf.Scalar;
      const { gradients } = await backward(model, loss);
      for (const [path, { data }] of Object.entries(gradients)) {
        if (Array.from(data).some((value) => value !== 0 && Number.isFinite(value))) waiting.delete(path);
      }
      if (waiting.size === 0) return;
    }
    throw new ConformanceError({
      where: subject.name,
      expected: 'a gradient for every trainable parameter',
      received: `none for ${[...waiting].join(', ')}`,
    });
  } finally {
    model.dispose();
    disposeBatch(batch);
  }
}
