import { inferenceContext, RandomKey } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readParameterValues } from '../compare/read-parameter-values';
import { readTensors, type Values } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** Two instances from one key have the same initial parameters and results, to the bit; another key gives others. */
export async function sameKeySameBytes(subject: ModuleCase): Promise<void> {
  const key = RandomKey.from(0).fold('same key, same bytes');
  const [first, second] = [subject.build({ key }), subject.build({ key })];
  const other = subject.build({ key: key.fold('another') });
  try {
    const initial = await readParameterValues(first.module);
    expectSameValues(
      `${subject.name}, initial parameters of the same key`,
      initial,
      await readParameterValues(second.module),
      0,
    );
    const results = await readTensors(() => first.outputs(inferenceContext()));
    const again = await readTensors(() => first.outputs(inferenceContext()));
    expectSameValues(`${subject.name}, a second forward pass`, results, again, 0);
    const twin = await readTensors(() => second.outputs(inferenceContext()));
    expectSameValues(`${subject.name}, a second instance of the same key`, results, twin, 0);
    if (hasMatrix(initial) && bytes(initial) === bytes(await readParameterValues(other.module))) {
      throw new ConformanceError({
        where: `${subject.name}, initial parameters`,
        expected: 'others for another key',
        received: 'the same ones',
        hint: 'An Initializer draws its numbers from the key that it is given.',
      });
    }
  } finally {
    for (const built of [first, second, other]) built.dispose();
  }
}

/** Biases, gates and norms start at constants; matrices must not all do so. */
function hasMatrix(values: Values): boolean {
  return Object.values(values).some(({ shape }) => shape.length >= 2 && shape.every((length) => length > 1));
}

function bytes(values: Values): string {
  return JSON.stringify(Object.values(values).map(({ data }) => Array.from(data)));
}
