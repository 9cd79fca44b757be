import { RandomKey, trainingContext } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';
import { readParameterValues } from '../compare/read-parameter-values';

/** A training pass, forward and backward, changes no byte of a parameter: only an optimiser does, and of no frozen one. */
export async function forwardChangesNoParameter(subject: ModuleCase): Promise<void> {
  const built = subject.build();
  try {
    const before = await readParameterValues(built.whole);
    await backward(built.whole, () => built.loss(trainingContext(RandomKey.from(0), built.whole)));
    expectSameValues(
      `${subject.name}, parameters after a training pass`,
      before,
      await readParameterValues(built.whole),
      0,
    );
  } finally {
    built.dispose();
  }
}
