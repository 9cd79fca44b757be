import type { ModelCase } from '../cases/model-case';
import { expectSamePlainData } from '../compare/expect-same-plain-data';
import { expectSameValues } from '../compare/expect-same-values';
import { readParameterValues } from '../compare/read-parameter-values';
import type { Values } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** A config with a seed makes the same model each time, to the bit, and with another seed another model. */
export async function sameConfigSameModel(subject: ModelCase): Promise<void> {
  const [first, second, other] = [subject.compose(1), subject.compose(1), subject.compose(2)];
  try {
    const values = await readParameterValues(first);
    expectSameValues(`${subject.name}, composed twice`, values, await readParameterValues(second), 0);
    const answers = await first.predict(subject.samples);
    expectSamePlainData(`${subject.name}, composed twice`, answers, await second.predict(subject.samples), 0);
    if (equal(values, await readParameterValues(other))) {
      throw new ConformanceError({
        where: subject.name,
        expected: 'other parameters for another seed',
        received: 'none',
      });
    }
  } finally {
    for (const model of [first, second, other]) model.dispose();
  }
}

function equal(a: Values, b: Values): boolean {
  return Object.entries(a).every(([path, { data }]) => Array.from(data).every((value, i) => value === b[path].data[i]));
}
