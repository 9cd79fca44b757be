import { isInterleaving } from '../document/interleaving-processor';
import { SampleError } from '../errors';
import type { Features } from '../features';
import { askPart } from '../part/ask-part';
import type { PreparedSample, SampleProcessors } from '../prepared-sample';
import { packValues, unpackValues } from '../several/packed-values';
import { SeveralProcessor } from '../several/several-processor';
import { bindSegments } from './bind-segments';

/**
 * Several samples as one row, one behind the other, so that short ones need no padding. Whose sequence it is gets the feature `segment`, by
 * which a fusion keeps them apart; the values of other slots, which all stand at places of documents, are those of the row. What heads
 * learn is derived anew.
 *
 * For models that `requirePacking` has nothing against.
 *
 * @param where how error messages call each sample
 * @throws SampleError for a sample with a value that stands at no place, and with a target of its own
 */
export function packSamples(
  { processors, targets }: SampleProcessors,
  samples: readonly PreparedSample[],
  where: (index: number) => string = (index) => `sample ${index}`,
): PreparedSample {
  const counts = samples.map(({ features }) => valueCounts(features, processors));
  const features: Record<string, Features> = {};
  for (const [slot, processor] of Object.entries(processors)) {
    const own = samples.flatMap((sample): Features[] => (sample.features[slot] ? [sample.features[slot]] : []));
    if (own.length === 0) continue;
    if (processor instanceof SeveralProcessor) features[slot] = packValues(own.flatMap(unpackValues));
    else if (isInterleaving(processor) && processor.pack) {
      requireAll(own.length, samples, slot, where);
      const packed = askPart('processor', 'pack()', () => processor.pack!(own));
      features[slot] = bindSegments(packed, own, { slots: Object.keys(processors), counts, where });
    }
  }
  const derived: Record<string, Features> = {};
  for (const [head, { name, processor }] of Object.entries(targets)) {
    samples.forEach((sample, index) => {
      if (sample.targets[head] && !processor.derive?.(sample.features))
        throw ownTarget(`${where(index)}, targets.${name}`);
    });
    const own = processor.derive?.(features);
    if (own) derived[head] = own;
  }
  return { features, targets: derived };
}

/** How many values a sample has of each slot that takes several. */
export function valueCounts(
  features: PreparedSample['features'],
  processors: SampleProcessors['processors'],
): Readonly<Record<string, number>> {
  const several = Object.entries(features).filter(([slot]) => processors[slot] instanceof SeveralProcessor);
  return Object.fromEntries(several.map(([slot, own]) => [slot, unpackValues(own).length]));
}

/** How many values a row may have at most, of each slot that takes several: what it costs is bounded by it, whichever samples share it. */
export function mostValues(processors: SampleProcessors['processors']): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(processors).flatMap(([slot, own]) =>
      own instanceof SeveralProcessor ? [[slot, own.options.most] as const] : [],
    ),
  );
}

function requireAll(
  present: number,
  samples: readonly PreparedSample[],
  slot: string,
  where: (index: number) => string,
) {
  if (present === samples.length) return;
  const index = samples.findIndex(({ features }) => !features[slot]);
  throw new SampleError({
    where: where(index),
    expected: `"${slot}", in whose sequence samples are packed`,
    received: 'a sample without it',
  });
}

function ownTarget(where: string): SampleError {
  return new SampleError({
    where,
    expected: 'no target of its own, since samples that share a row teach what stands in the row alone',
    received: 'one',
    hint: 'Make it the answer of a conversation, or leave packing out.',
  });
}
