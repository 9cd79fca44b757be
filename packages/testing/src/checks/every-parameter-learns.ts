import { inferenceContext, RandomKey, trainingContext } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { ConformanceError } from '../conformance-error';

/**
 * Every trainable parameter of the part gets a finite gradient that is not zero, in inference or in one of a few
 * training passes (a dropped path may hide it in one of them).
 */
export async function everyParameterLearns(subject: ModuleCase): Promise<void> {
  const key = RandomKey.from(0).fold('every parameter learns');
  const built = subject.build();
  try {
    perturbParameters(built.whole, key);
    const waiting = new Set([...built.module.parameters()].flatMap(([path, p]) => (p.trainable ? [path] : [])));
    const contexts = [inferenceContext(), ...[0, 1, 2, 3].map((step) => trainingContext(key.fold(step), built.whole))];
    for (const context of contexts) {
      const { gradients } = await backward(built.module, () => built.loss(context));
      for (const [path, { data }] of Object.entries(gradients)) {
        const values = Array.from(data);
        const broken = values.find((value) => !Number.isFinite(value));
        if (broken !== undefined) throw unlike(subject, path, 'a finite gradient', String(broken));
        if (values.some((value) => value !== 0)) waiting.delete(path);
      }
      if (waiting.size === 0) return;
    }
    const [first, ...others] = waiting;
    const more = others.length > 0 ? ` (so do ${others.join(', ')})` : '';
    if (first !== undefined) throw unlike(subject, first, 'a gradient that is not zero', `none${more}`);
  } finally {
    built.dispose();
  }
}

function unlike(subject: ModuleCase, path: string, expected: string, received: string): ConformanceError {
  return new ConformanceError({
    where: `${subject.name}, parameter ${path}`,
    expected,
    received,
    hint: 'A parameter that is not to learn has trainable = false; one that is not used has no place.',
  });
}
