import { type Features, isInterleaving, type Processor, prepareSample, RandomKey, severalOf } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';
import { randomSignal } from '../doubles/random-signal';
import { referenceEncoder } from '../doubles/reference-encoder';

/** The slot whose values stand in documents of the processor under test, which serves `subject`. */
const besideSlot = 'beside';

const beside = severalOf(referenceEncoder('beside a subject', 'signal'), { most: 8, ordered: true }).processor;

/** Why documents are not tried; `undefined` where a processor takes them. */
export function withoutDocuments(processor: Processor): string | undefined {
  return isInterleaving(processor) ? undefined : 'its processor has no interleave(): its slots take no documents';
}

/** A document of the slot `subject` as its features, places bound. */
export async function documentRow(
  name: string,
  processor: Processor,
  parts: readonly (typeof place | { readonly own: unknown })[],
): Promise<Features> {
  const slots = {
    subject: processor,
    [besideSlot]: beside.create({ bucketSize: 4 }, { slot: besideSlot, savedFile: () => undefined }),
  };
  const key = RandomKey.from(0).fold('values of documents');
  const document = parts.map((part, index) =>
    part === place ? { [besideSlot]: randomSignal(key.fold(index)) } : { subject: part.own },
  );
  try {
    const { features } = await prepareSample(
      { processors: slots, targets: {} },
      { subject: document },
      { training: false },
    );
    return features.subject;
  } catch (cause) {
    throw new ConformanceError({
      where: `${name}, a document of ${parts.length} parts`,
      expected: 'features',
      received: String(cause),
      hint: 'Where a document of two short samples is too long, let longer ones be taken, or draw shorter samples.',
      cause,
    });
  }
}

/** A part of another slot. */
export const place = 'place';

/** Documents of short samples with no, one and three places, and a sample by itself. */
export async function documentRows(
  name: string,
  processor: Processor,
  samples: readonly unknown[],
): Promise<Features[]> {
  const [first, second] = (await byLength(processor, samples)).map((own) => ({ own }));
  return [
    await documentRow(name, processor, [first]),
    await documentRow(name, processor, [place, first]),
    await processor.process(first.own, { training: false }),
    await documentRow(name, processor, [first, place, second, place, place]),
  ];
}

/** The shortest first. */
export async function byLength(processor: Processor, samples: readonly unknown[]): Promise<unknown[]> {
  const sized: { raw: unknown; size: number }[] = [];
  for (const raw of samples) {
    const features = await processor.process(raw, { training: false });
    sized.push({ raw, size: Object.values(features).reduce((sum, { data }) => sum + data.length, 0) });
  }
  return sized.sort((a, b) => a.size - b.size).map(({ raw }) => raw);
}
