import { type Features, type Lengths, PolymodalError, type Processor } from '@polymodal/core';
import { type ProcessorCase, processAll, rowsByFixed } from '../cases/processor-case';
import { expectPaddedRow } from '../compare/expect-padded-row';
import { ConformanceError } from '../conformance-error';

/**
 * What `shape` says of a row decides its shape: `collate` pads to the lengths that it is asked for, along the axes of
 * `lengthAxes` and no others where a processor names them, and refuses lengths that are too short or that the features do not
 * have, and rows that differ in what is fixed.
 */
export async function lengthsSayTheShape({ name, processor, samples }: ProcessorCase): Promise<void> {
  const groups = rowsByFixed(processor, await processAll(processor, samples));
  const [[first], ...others] = groups;
  for (const [other] of others) {
    expectRefusal(`${name}, rows that differ in what is fixed`, () => processor.collate([first, other]));
  }
  const names = Object.keys(lengthsOf(processor, first));
  expectKnownAxes(name, processor, names);
  for (const length of names) {
    expectRefusal(`${name}, a length that there is not`, () => processor.collate([first], { [`${length}?`]: 1 }));
    for (const rows of groups) {
      const byLength = [...rows].sort((a, b) => lengthsOf(processor, a)[length] - lengthsOf(processor, b)[length]);
      checkLength(name, processor, length, byLength[0], byLength[byLength.length - 1]);
    }
  }
}

function expectKnownAxes(where: string, { lengthAxes = {} }: Processor, names: readonly string[]): void {
  const unknown = Object.values(lengthAxes)
    .flatMap((axes) => Object.values(axes))
    .find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const expected = `names of lengths that shape() gives, ${names.join(', ') || 'of which there are none'}`;
  throw new ConformanceError({ where: `${where}, lengthAxes`, expected, received: unknown });
}

/** Rows of one length show nothing; the others are padded from the short one to the long one. */
function checkLength(name: string, processor: Processor, length: string, short: Features, long: Features): void {
  const [from, to] = [short, long].map((row) => lengthsOf(processor, row)[length]);
  if (from === to) return;
  expectRefusal(`${name}, fewer ${length} than a row has`, () => processor.collate([long], { [length]: from }));
  const narrow = processor.collate([short]);
  const wide = processor.collate([short], { [length]: to });
  for (const [feature, values] of Object.entries(narrow)) {
    const where = `${name}, feature ${feature}, padded from ${from} to ${to} ${length}`;
    const isMask = Object.hasOwn(processor.masks ?? {}, feature);
    expectPaddedRow(where, { name: feature, isMask }, values, wide[feature], 0);
    const changed = values.shape.flatMap((size, axis) => (wide[feature].shape[axis] === size ? [] : [axis]));
    const declared = Object.entries(processor.lengthAxes?.[feature] ?? {}).filter(([, own]) => own === length);
    const expected = declared.map(([axis]) => Number(axis));
    if (!processor.lengthAxes || String(changed) === String(expected)) continue;
    throw new ConformanceError({
      where,
      expected: `another size at the axes that lengthAxes names, ${expected.join() || 'none'}`,
      received: `at ${changed.join() || 'none'}`,
    });
  }
}

function lengthsOf(processor: Processor, row: Features): Lengths {
  return processor.shape(row).lengths ?? {};
}

function expectRefusal(where: string, collate: () => unknown): void {
  try {
    collate();
  } catch (error) {
    if (PolymodalError.isInstance(error)) return;
    throw error;
  }
  throw new ConformanceError({ where, expected: 'a ShapeError or an UnknownNameError', received: 'features' });
}
