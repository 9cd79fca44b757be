import { RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltModule, ModuleCase } from '../cases/module-case';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';
import { readParameterValues } from '../compare/read-parameter-values';
import type { Values } from '../compare/read-tensors';

/**
 * Freezing holds the frozen parameters and nothing else: the loss and the gradients of all others keep their bits, and a
 * step of training along them changes no byte of a frozen one.
 */
export async function freezingHoldsParametersAlone(subject: ModuleCase): Promise<void> {
  const built = subject.build();
  try {
    const pass = () => backward(built.whole, () => built.loss(trainingContext(RandomKey.from(0), built.whole)));
    const before = await pass();
    const frozen = freezeEveryOther(built);
    const after = await pass();
    const claim = `${subject.name} with ${frozen.size} frozen parameters`;
    const loss = (value: number) => ({ loss: { shape: [], data: [value] } });
    expectSameValues(claim, loss(before.loss), loss(after.loss), 0);
    const [others, same] = [before, after].map(({ gradients }) => without(gradients, frozen));
    expectSameValues(`${claim}, gradients of the others`, others, same, 0);
    const values = await readParameterValues(built.whole);
    descend(built, same);
    await pass();
    const stayed = await readParameterValues(built.whole);
    expectSameValues(`${claim}, after a step of the others`, only(values, frozen), only(stayed, frozen), 0);
  } finally {
    built.dispose();
  }
}

/** Freezes every other parameter of the part. @returns their paths in the whole */
function freezeEveryOther({ module, whole }: BuiltModule): Set<string> {
  const chosen = new Set([...module.parameters().values()].filter((_, index) => index % 2 === 0));
  for (const parameter of chosen) parameter.trainable = false;
  return new Set([...whole.parameters()].flatMap(([path, parameter]) => (chosen.has(parameter) ? [path] : [])));
}

function descend({ whole }: BuiltModule, gradients: Values): void {
  const parameters = whole.parameters();
  for (const [path, { data }] of Object.entries(gradients)) {
    const parameter = parameters.get(path)!;
    tf.tidy(() => {
      const step = tf.tensor(
        Float32Array.from(data, (value) => -0.01 * value),
        [...parameter.shape],
      );
      parameter.assign(tf.add(parameter.value, step));
    });
  }
}

function only(values: Values, paths: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([path]) => paths.has(path)));
}

function without(values: Values, paths: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([path]) => !paths.has(path)));
}
