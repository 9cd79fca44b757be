import { RandomKey, trainingContext } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { backward } from '../compare/backward';
import { ConformanceError } from '../conformance-error';

/** Every variable that the part's results depend on is a parameter in its module tree, so that it is saved and trained. */
export async function noParameterIsHidden(subject: ModuleCase): Promise<void> {
  const built = subject.build();
  try {
    const context = trainingContext(RandomKey.from(0).fold('no parameter is hidden'), built.whole);
    const { strangers } = await backward(built.whole, () => built.loss(context));
    if (strangers.length === 0) return;
    throw new ConformanceError({
      where: subject.name,
      expected: 'only variables that module.parameters() lists',
      received: `${strangers.length} others: ${strangers.join(', ')}`,
      hint: 'Hold each Parameter in a property of the module (or an array or plain record there), not in a #private field, a Map or a closure.',
    });
  } finally {
    built.dispose();
  }
}
