import { RandomKey, trainingContext } from '@polymodal/core';
import { dropoutAt } from '../cases/dropout-options';
import type { ModuleCase } from '../cases/module-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';

/** Training passes of one key are equal to the bit, with every dropout option at 0.5. */
export async function trainingFollowsItsKey(subject: ModuleCase): Promise<void> {
  const built = subject.build({ config: dropoutAt(subject, 0.5) });
  try {
    const train = () => readTensors(() => built.outputs(trainingContext(RandomKey.from(1), built.whole)));
    expectSameValues(`${subject.name}, training passes of one key`, await train(), await train(), 0);
  } finally {
    built.dispose();
  }
}
