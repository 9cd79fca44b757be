import { inferenceContext, RandomKey, trainingContext } from '@polymodal/core';
import { dropoutAt } from '../cases/dropout-options';
import type { ModuleCase } from '../cases/module-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';

/** With every dropout option at 0, a training pass gives what inference gives. */
export async function trainingDiffersByDropoutAlone(subject: ModuleCase): Promise<void> {
  const built = subject.build({ config: dropoutAt(subject, 0) });
  try {
    const inference = await readTensors(() => built.outputs(inferenceContext()));
    const training = await readTensors(() => built.outputs(trainingContext(RandomKey.from(1), built.whole)));
    expectSameValues(`${subject.name}, training without dropout`, inference, training, subject.tolerance);
  } finally {
    built.dispose();
  }
}
