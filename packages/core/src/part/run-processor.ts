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
  if (interleaved?.places instanceof Int32Array) return interleaved as Interleaved;
  const [where, received] = ['processor, interleave(), places', describeValue(interleaved?.places)];
  throw new PartError({ where, expected: 'an Int32Array', received });
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
