import { describeValue } from '../describe-value';
import type { DocumentPart, Interleaved, InterleavingProcessor } from '../document/interleaving-processor';
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

/** As {@link processValue}, of a document. @throws PartError for what are no features and places */
export async function interleaveParts(
  processor: InterleavingProcessor,
  parts: readonly DocumentPart[],
  context: ProcessContext,
): Promise<Interleaved> {
  const interleaved = (await processor.interleave(parts, context)) as Partial<Interleaved> | undefined;
  requireFeatures('interleave()', interleaved?.features);
  requirePlaces(interleaved?.places, parts.filter(({ kind }) => kind === 'place').length);
  return interleaved as Interleaved;
}

/** Each place stands at one element at most. */
function requirePlaces(places: unknown, count: number): void {
  const where = 'processor, interleave(), places';
  if (!(places instanceof Int32Array)) {
    throw new PartError({ where, expected: 'an Int32Array', received: describeValue(places) });
  }
  const standing = new Set<number>();
  for (const place of places) {
    if (place === -1) continue;
    if (place < 0 || place >= count || standing.has(place)) {
      const expected = `each of the ${count} places of the document once at most, and −1 elsewhere`;
      throw new PartError({ where, expected, received: standing.has(place) ? `${place} twice` : String(place) });
    }
    standing.add(place);
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
