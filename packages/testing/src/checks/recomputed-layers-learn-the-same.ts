import { RandomKey, trainingContext } from '@polymodal/core';
import { dropoutAt } from '../cases/dropout-options';
import type { ModuleCase } from '../cases/module-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';

/** Loss and gradients are to the bit the same when layers are computed again for their gradients, with every dropout option at 0.5. */
export async function recomputedLayersLearnTheSame(subject: ModuleCase): Promise<void> {
  const built = subject.build({ config: dropoutAt(subject, 0.5) });
  const learn = async (rematerialize: boolean) => {
    const context = () => trainingContext(RandomKey.from(1), built.whole, { rematerialize });
    const { loss, gradients } = await backward(built.whole, () => built.loss(context()));
    return { ...gradients, loss: { shape: [], data: [loss] } };
  };
  try {
    const claim = `${subject.name}, loss and gradients with layers that are computed again`;
    expectSameValues(claim, await learn(false), await learn(true), 0);
  } finally {
    built.dispose();
  }
}
