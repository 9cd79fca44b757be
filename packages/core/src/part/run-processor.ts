import { describeValue } from '../describe-value';
import type { Divided, DividingProcessor } from '../document/dividing-processor';
import type {
  DocumentPart,
  DocumentPlace,
  Interleaved,
  InterleavingProcessor,
} from '../document/interleaving-processor';
import { PartError } from '../errors';
import type { FeatureShape, Lengths } from '../feature-shape';
import type { Features } from '../features';
import { featuresFault } from '../features-fault';
import type { ProcessContext, Processor } from '../processor';
import { askPart } from './ask-part';

/** The features of a value. What is thrown is for the caller to judge: mostly the value's fault. @throws PartError for what are no features */
export async function processValue(processor: Processor, raw: unknown, context: ProcessContext): Promise<Features> {
  const features = await processor.process(raw, context);
  requireFeatures('process()', features);
  return features;
}

/** As {@link processValue}, of a value that is divided. @throws PartError for what are no values, or fewer than lie in the grid */
export async function divideValue(
  processor: DividingProcessor,
  raw: unknown,
  context: ProcessContext,
): Promise<Divided> {
  const divided = (await processor.divide(raw, context)) as Partial<Divided> | undefined;
  const values = divided?.values;
  const where = 'processor, divide()';
  if (!Array.isArray(values) || values.length === 0) {
    throw new PartError({ where, expected: 'a list of values, at least one', received: describeValue(values) });
  }
  for (const features of values) requireFeatures('divide()', features);
  const [rows, columns] = divided?.grid ?? [];
  if (!isCount(rows) || !isCount(columns) || rows * columns > values.length) {
    const expected = `a grid of rows and columns that holds at most the ${values.length} values`;
    throw new PartError({ where, expected, received: describeValue(divided?.grid) });
  }
  return { values, grid: [rows, columns] };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** As {@link processValue}, of a document. @throws PartError for what are no features and places */
export async function interleaveParts(
  processor: InterleavingProcessor,
  parts: readonly DocumentPart[],
  context: ProcessContext,
): Promise<Interleaved> {
  const interleaved = (await processor.interleave(parts, context)) as Partial<Interleaved> | undefined;
  requireFeatures('interleave()', interleaved?.features);
  requirePlaces(
    interleaved?.places,
    parts.filter((part) => part.kind === 'place'),
  );
  return interleaved as Interleaved;
}

/** Each place stands at as many elements as its value has pieces, or at none. */
function requirePlaces(given: unknown, places: readonly DocumentPlace[]): void {
  const where = 'processor, interleave(), places';
  if (!(given instanceof Int32Array)) {
    throw new PartError({ where, expected: 'an Int32Array', received: describeValue(given) });
  }
  const standing = places.map(() => 0);
  for (const place of given) {
    if (place === -1) continue;
    if (place < 0 || place >= places.length) {
      const expected = `places of the document, below ${places.length}, and −1 elsewhere`;
      throw new PartError({ where, expected, received: String(place) });
    }
    standing[place]++;
  }
  for (const [place, { pieces }] of places.entries()) {
    const count = pieces?.count ?? 1;
    if (standing[place] === 0 || standing[place] === count) continue;
    const times = count === 1 ? 'once at most' : `${count} times, once for each piece of its value, or not at all`;
    throw new PartError({ where, expected: `place ${place} ${times}`, received: `it ${standing[place]} times` });
  }
}

/** @throws PartError */
export function collateFeatures(processor: Processor, rows: readonly Features[], lengths?: Lengths): Features {
  const features = askPart('processor', 'collate()', () => processor.collate(rows, lengths));
  requireFeatures('collate()', features, rows.length);
  return features;
}

/** @throws PartError */
export function shapeOfFeatures(processor: Processor, features: Features): FeatureShape {
  return askPart('processor', 'shape()', () => processor.shape(features));
}

function requireFeatures(method: string, features: unknown, rows?: number): void {
  const fault = featuresFault(features, rows);
  if (!fault) return;
  const { feature, ...said } = fault;
  throw new PartError({
    where: `processor, ${method}${feature === undefined ? '' : `, feature "${feature}"`}`,
    ...said,
  });
}
