import { type Features, hasPlaces, type Processor, placeFeatures, SampleError } from '@polymodal/core';
import { byLength, dividedPlace, documentRow, documentRows, place } from '../cases/document-rows';
import { givenFeatures } from '../cases/given-features';
import type { ProcessorCase } from '../cases/processor-case';
import { featureTypes } from '../compare/expect-features';
import { expectSameValues } from '../compare/expect-same-values';
import { ConformanceError } from '../conformance-error';
import { collatePadsConsistently } from './collate-pads-consistently';
import { lengthsSayTheShape } from './lengths-say-the-shape';

/**
 * A document has an element for each of its places, in their order (for each piece of a value that is divided), and elsewhere what its
 * own parts give; one of a single part is
 * what the part is by itself. Documents and other values are collated together, each as alone, with −1 where there is no place.
 */
export async function documentsHaveTheirPlaces(subject: ProcessorCase): Promise<void> {
  const { name, processor } = subject;
  const [first, second] = await byLength(processor, subject.samples);
  const plain = await processor.process(first, { training: false });
  if (hasPlaces(plain))
    fail(`${name}, a value that is no document`, 'features without places', placeFeatures.join(', '));

  const single = await documentRow(name, processor, [{ own: first }]);
  expectPlaces(`${name}, a document without places`, single, 0);
  expectSameValues(`${name}, a document of one part against the part by itself`, plain, withoutPlaces(single), 0);
  const parts = [{ own: first }, place, { own: second }, place, place] as const;
  const whole = await documentRow(name, processor, parts);
  expectPlaces(`${name}, a document with three places`, whole, 3);
  expectSameValues(`${name}, the same document again`, whole, await documentRow(name, processor, parts), 0);
  const divided = await documentRow(name, processor, [{ own: first }, place, dividedPlace, place]);
  expectPlaces(`${name}, a document with a value in three pieces between two others`, divided, 5);
  const [expected, received] = [plain, withoutPlaces(whole)].map(featureTypes);
  if (expected !== received) fail(`${name}, features of a document`, expected, received);

  const rows = await documentRows(name, processor, subject.samples);
  await collatePadsConsistently(ofFeatures(subject, rows));
  await lengthsSayTheShape(ofFeatures(subject, rows.filter(hasPlaces)));
  expectCollated(name, processor, rows);
  await expectRefusal(name, processor, first);
}

/** The case with features in the place of raw values. */
function ofFeatures(subject: ProcessorCase, rows: readonly Features[]): ProcessorCase {
  return { ...subject, processor: givenFeatures(subject.processor) as Processor, samples: rows };
}

function withoutPlaces(features: Features): Features {
  return Object.fromEntries(Object.entries(features).filter(([feature]) => !isPlaceFeature(feature)));
}

function isPlaceFeature(feature: string): boolean {
  return (placeFeatures as readonly string[]).includes(feature);
}

/** The values of the slot beside, whose index is 1, stand each at one element, in their order. */
function expectPlaces(where: string, features: Features, count: number): void {
  const [slot, value] = placeFeatures.map((feature) => Array.from(features[feature]?.data ?? []));
  const wanted = Array.from({ length: count }, (_, index) => index);
  const standing = value.filter((_, element) => slot[element] === 1);
  const others = value.filter((own, element) => slot[element] !== 1 && !(slot[element] === -1 && own === -1));
  if (String(standing) === String(wanted) && others.length === 0) return;
  fail(
    where,
    `the values ${wanted.join() || 'of none'} at their elements, and −1 elsewhere`,
    `values ${value} of slots ${slot}`,
  );
}

/** Places are −1 in padding and in rows that have none, and there are none where no row is a document. */
function expectCollated(name: string, processor: Processor, rows: readonly Features[]): void {
  const together = processor.collate(rows);
  for (const feature of placeFeatures) {
    if (!together[feature])
      fail(`${name}, collate of documents`, `${feature}, as collatePlaces makes it`, 'no such feature');
    const { data, shape } = together[feature];
    for (const [row, features] of rows.entries()) {
      const own = Array.from(data.subarray(row * shape[1], (row + 1) * shape[1]));
      const rest = own.slice(features[feature]?.data.length ?? 0);
      if (rest.every((value) => value === -1)) continue;
      fail(`${name}, ${feature} of row ${row}, collated`, '−1 where there is no element of a document', rest.join());
    }
  }
  const plain = processor.collate(rows.filter((row) => !hasPlaces(row)));
  const odd = Object.keys(plain).find(isPlaceFeature);
  if (odd !== undefined) fail(`${name}, collate of rows without a document`, 'features without places', odd);
}

async function expectRefusal(name: string, processor: Processor, own: unknown): Promise<void> {
  const where = `${name}, a document with a part that cannot be read`;
  try {
    await documentRow(name, processor, [{ own }, { own: Symbol('raw') }]);
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof SampleError && cause.where?.startsWith('sample, subject, part 1')) return;
    fail(where, 'a SampleError whose place begins with that of the part, "part 1"', String(cause));
  }
  fail(where, 'a SampleError', 'features');
}

function fail(where: string, expected: string, received: string): never {
  throw new ConformanceError({ where, expected, received });
}
