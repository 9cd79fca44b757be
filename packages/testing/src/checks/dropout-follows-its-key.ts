import { inferenceContext, RandomKey, trainingContext } from '@polymodal/core';
import { dropoutAt, dropoutOptions } from '../cases/dropout-options';
import type { ModuleCase } from '../cases/module-case';
import { expectSameValues } from '../compare/expect-same-values';
import { perturbParameters } from '../compare/perturb-parameters';
import { readTensors, type Values } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** Training passes of two keys differ at a rate of dropout of 0.5, and inference takes no notice of the rate. */
export async function dropoutFollowsItsKey(subject: ModuleCase): Promise<void> {
  const built = subject.build({ config: dropoutAt(subject, 0.5) });
  const still = subject.build({ config: dropoutAt(subject, 0) });
  for (const { whole } of [built, still]) perturbParameters(whole, RandomKey.from(0).fold('dropout')); // behind a shut gate none shows
  try {
    const train = (seed: number) =>
      readTensors(() => built.outputs(trainingContext(RandomKey.from(seed), built.whole)));
    if (equal(await train(1), await train(2))) {
      throw new ConformanceError({
        where: `${subject.name}, ${dropoutOptions(subject).join(', ')} at 0.5`,
        expected: 'training passes of two keys to differ',
        received: 'equal ones',
        hint: 'Draw every mask with context.drawFor(this, …) where context.training is true.',
      });
    }
    const inference = await readTensors(() => built.outputs(inferenceContext()));
    const without = await readTensors(() => still.outputs(inferenceContext()));
    expectSameValues(`${subject.name}, inference with and without dropout`, without, inference, 0);
  } finally {
    built.dispose();
    still.dispose();
  }
}

function equal(a: Values, b: Values): boolean {
  return JSON.stringify(numbers(a)) === JSON.stringify(numbers(b));
}

function numbers(values: Values): number[][] {
  return Object.values(values).map(({ data }) => Array.from(data));
}
