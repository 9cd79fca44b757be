import { type ProcessorCase, processAll } from '../cases/processor-case';
import { expectFeatures, featureTypes } from '../compare/expect-features';
import { expectSameValues } from '../compare/expect-same-values';
import { ConformanceError } from '../conformance-error';

/**
 * Features are named host tensors of the same names, types and ranks for every raw value, finite, and the same after
 * being sent to another thread, and after others were made.
 */
export async function featuresArePlainData(subject: ProcessorCase): Promise<void> {
  const [first] = await processAll(subject.processor, subject.samples.slice(0, 1));
  const asMade = structuredClone(first);
  const rows: unknown[] = await processAll(subject.processor, subject.samples);
  for (const [index, features] of rows.entries()) {
    const where = `${subject.name}, features of sample ${index}`;
    expectFeatures(where, features);
    expectSameValues(`${where}, sent to another thread`, features, structuredClone(features), 0);
    for (const [name, { data }] of Object.entries(features)) {
      const broken = data.find((value) => !Number.isFinite(value));
      if (broken === undefined) continue;
      throw new ConformanceError({ where: `${where}, ${name}`, expected: 'finite values', received: String(broken) });
    }
    const [expected, received] = [featureTypes(rows[0] as typeof features), featureTypes(features)];
    if (expected !== received) throw new ConformanceError({ where, expected, received });
  }
  expectSameValues(`${subject.name}, features of a sample once others were processed`, asMade, first, 0);
}
